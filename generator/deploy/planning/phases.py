"""Lists of Regions inside a resource, which change one way, or one Region, at a time.

A Region is added before what uses it and dropped after it. So a change that does both is two
updates: first the additions, with the dropped Regions still there; at the end of the rollout, when
nothing uses them any more, the drops. And DynamoDB takes one replica more or less an update, and
deletes none that is protected from deletion: that is taken off, first, from those that go.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-bestpractices.html
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

Body = Mapping[str, Any]
ALL = 1000
PROTECTION = "DeletionProtectionEnabled"


class Listing(NamedTuple):
    """A resource's list of Regions, before and after: what comes, and what goes."""

    resource: str
    property: str
    one_by_one: bool
    order: tuple[str, ...]
    """Regions as they were listed before: those that wait to go stay where they are."""
    added: tuple[str, ...]
    dropped: tuple[dict[str, Any], ...]


REGIONAL_LISTS = {
    "AWS::DynamoDB::GlobalTable": ("Replicas", True),
    "AWS::SecretsManager::Secret": ("ReplicaRegions", False),
}
"""By type: the property that lists Regions, and whether it takes one change an update."""


def additions(old: Body, new: Body) -> Iterator[dict[str, Any]]:
    """`new` with its own Regions added, one more each time, and none dropped; at least one."""
    listings = tuple(_listings(old, new))
    most = max((len(i.added) for i in listings if i.one_by_one), default=0)
    for count in range(1, max(most, 1) + 1):
        yield _between(new, listings, count, 0)


def drops(old: Body, new: Body) -> Iterator[dict[str, Any]]:
    """`new` with one Region fewer each time; the last is `new` itself. None if none goes."""
    listings = tuple(_listings(old, new))
    if any(member.get(PROTECTION) for listing in listings for member in listing.dropped):
        listings = tuple(map(_unprotected, listings))
        yield _between(new, listings, ALL, 0)
    most = max((len(i.dropped) if i.one_by_one else bool(i.dropped) for i in listings), default=0)
    for count in range(1, most + 1):
        yield _between(new, listings, ALL, count if count < most else ALL)


def _listings(old: Body, new: Body) -> Iterator[Listing]:
    for name, resource in new.get("Resources", {}).items():
        before = old.get("Resources", {}).get(name)
        if before is None or resource["Type"] not in REGIONAL_LISTS:
            continue
        listed, one_by_one = REGIONAL_LISTS[resource["Type"]]
        was, will = (_by_region(body, listed) for body in (before, resource))
        added = tuple(region for region in will if region not in was)
        dropped = tuple(member for region, member in was.items() if region not in will)
        yield Listing(name, listed, one_by_one, tuple(was), added, dropped)


def _by_region(resource: Body, listed: str) -> dict[str, dict[str, Any]]:
    members = resource.get("Properties", {}).get(listed, [])
    return {_region(member): member for member in members}


def _region(member: Body) -> str:
    """A member's Region; the stack's own is a function, and written as one."""
    named = member["Region"]
    return named if isinstance(named, str) else json.dumps(named, sort_keys=True)


def _unprotected(listing: Listing) -> Listing:
    return listing._replace(
        dropped=tuple({**member, PROTECTION: False} for member in listing.dropped)
    )


def _between(new: Body, listings: tuple[Listing, ...], added: int, dropped: int) -> dict[str, Any]:
    """`new` on the way: so many Regions added already, so many dropped already."""
    made = copy.deepcopy(dict(new))
    for listing in listings:
        count = added if listing.one_by_one else ALL
        gone = dropped if listing.one_by_one or dropped == ALL else 0
        later, kept = listing.added[count:], listing.dropped[gone:]
        properties = made["Resources"][listing.resource]["Properties"]
        members = [m for m in properties.get(listing.property, []) if _region(m) not in later]
        if kept:
            members = sorted(members + copy.deepcopy(list(kept)), key=_position(listing.order))
        if members:
            properties[listing.property] = members
    return made


def _position(order: tuple[str, ...]) -> Callable[[Body], int]:
    """Where a member belongs: as before, and new ones behind."""
    places = {region: place for place, region in enumerate(order)}
    return lambda member: places.get(_region(member), len(places))
