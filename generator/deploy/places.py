"""Where an instance of a stack set stands: a Region, and an account that is not the platform's own.

ap-northeast-2                  in the platform's account
222233334444/ap-northeast-2     in another account of its organization
"""

from __future__ import annotations

from collections.abc import Iterable

SELF = "SELF"
"""CallAs of a set that the account administers itself; the other value is DELEGATED_ADMIN."""


def place(account: str, region: str, own: str) -> str:
    """The place of an account and Region; `own` is the platform's account."""
    return region if account == own else f"{account}/{region}"


def region_of(where: str) -> str:
    """The Region of a place."""
    return where.rpartition("/")[2]


def account_of(where: str, own: str) -> str:
    """The account of a place."""
    return where.rpartition("/")[0] or own


def rectangles(places: Iterable[str]) -> list[tuple[str, ...]]:
    """Places that one call can name: it takes accounts and Regions, and means each with each."""
    by_region: dict[str, list[str]] = {}
    for where in places:
        by_region.setdefault(region_of(where), []).append(where)
    alike: dict[tuple[str, ...], list[str]] = {}
    for listed in by_region.values():
        accounts = tuple(sorted(account_of(where, "") for where in listed))
        alike.setdefault(accounts, []).extend(listed)
    return [tuple(listed) for listed in alike.values()]
