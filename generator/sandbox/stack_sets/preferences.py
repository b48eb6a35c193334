"""OperationPreferences: in which order, how many at once, and how many may fail.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackSetOperationPreferences.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from generator.sandbox.stack_sets.faults import invalid

_EITHER = (
    ("FailureToleranceCount", "FailureTolerancePercentage"),
    ("MaxConcurrentCount", "MaxConcurrentPercentage"),
)


class Limits(NamedTuple):
    """What holds in one Region: how many accounts may fail, how many are worked on at once."""

    tolerance: int
    most: int
    is_strict: bool

    def at_once(self, failures: int) -> int:
        """How many accounts may be worked on now, after so many failures in the Region.

        Strict tolerance never lets more than tolerance + 1 accounts fail; soft tolerance may.
        """
        return min(self.most, self.tolerance + 1 - failures) if self.is_strict else self.most


def check(preferences: Mapping[str, Any]) -> None:
    """Raises Fault for a count and a percentage of the same thing, or a Region named twice."""
    for count, percentage in _EITHER:
        if count in preferences and percentage in preferences:
            raise invalid(f"You can specify either {count} or {percentage}, but not both")
    order = preferences.get("RegionOrder", [])
    if len(set(order)) != len(order):
        raise invalid(f"RegionOrder names a Region twice: {', '.join(order)}")


def limits(preferences: Mapping[str, Any], accounts: int) -> Limits:
    """What holds in a Region where the operation has so many accounts."""
    tolerance = preferences.get("FailureToleranceCount", 0)
    if "FailureTolerancePercentage" in preferences:
        tolerance = accounts * preferences["FailureTolerancePercentage"] // 100
    most = preferences.get("MaxConcurrentCount", 1)
    if "MaxConcurrentPercentage" in preferences:
        most = max(1, accounts * preferences["MaxConcurrentPercentage"] // 100)
    return Limits(tolerance, most, preferences.get("ConcurrencyMode") != "SOFT_FAILURE_TOLERANCE")


def are_regions_parallel(preferences: Mapping[str, Any]) -> bool:
    return bool(preferences.get("RegionConcurrencyType") == "PARALLEL")


def ordered(preferences: Mapping[str, Any], regions: Iterable[str]) -> list[str]:
    """Regions in RegionOrder; those that it does not name come after, as they were given."""
    order = {region: place for place, region in enumerate(preferences.get("RegionOrder", []))}
    return sorted(dict.fromkeys(regions), key=lambda region: order.get(region, len(order)))
