"""11 schedule: nights and days by each Region's own clock, and always minimum ≤ maximum."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.layers import compute, schedule
from generator.layers.draft import Draft
from generator.settings.model import Region, Settings
from generator.settings.sections import Compute, Schedule
from tests.layers.alarming import of_type
from tests.layers.support import drafted, filled, settings

USUAL = settings(schedule=Schedule())
WEEKENDS = settings(
    schedule=Schedule(day_start="0 7 * * 1-5", weekend_day_start="0 10 * * 0,6"),
)


def actions(chosen: Settings) -> dict[str, dict[str, Any]]:
    return of_type(filled(schedule.LAYER, chosen), "AWS::AutoScaling::ScheduledAction")


def value(draft: Draft, name: str, region: str) -> Any:
    return draft.tunables[name].value_in(region)


def test_it_is_wanted_only_where_settings_have_a_schedule() -> None:
    assert schedule.LAYER.wanted(USUAL)
    assert not schedule.LAYER.wanted(settings())


def test_there_is_a_night_and_a_day() -> None:
    assert set(actions(USUAL)) == {"NightlyScaleDown", "DaytimeScaleUp"}
    tunables = drafted(schedule.LAYER, USUAL).tunables
    assert tunables["NightStart"].default == "0 1 * * *"
    assert tunables["DayStart"].default == "0 7 * * *"


def test_weekends_may_begin_later() -> None:
    weekend = actions(WEEKENDS)["WeekendScaleUp"]
    day = actions(WEEKENDS)["DaytimeScaleUp"]
    assert weekend["Recurrence"] == {"Ref": "WeekendDayStart"}
    assert (weekend["MinSize"], weekend["MaxSize"]) == (day["MinSize"], day["MaxSize"])


def test_the_clock_is_each_regions_own() -> None:
    assert all(action["TimeZone"] == {"Ref": "TimeZone"} for action in actions(USUAL).values())
    draft = drafted(schedule.LAYER, USUAL)
    assert value(draft, "TimeZone", "ap-northeast-2") == "Asia/Seoul"
    assert value(draft, "TimeZone", "us-east-1") == "America/New_York"


def test_a_region_may_choose_its_users_clock() -> None:
    regions = [Region(name="ap-northeast-2"), Region(name="eu-west-1", time_zone="Europe/London")]
    draft = drafted(schedule.LAYER, settings(regions=regions, schedule=Schedule()))
    assert value(draft, "TimeZone", "eu-west-1") == "Europe/London"


def test_the_day_has_the_sizes_of_the_group() -> None:
    day = actions(USUAL)["DaytimeScaleUp"]
    assert day["MinSize"] == {"Ref": compute.minimum_instances(USUAL).name}
    assert day["MaxSize"] == {"Ref": compute.maximum_instances(USUAL).name}
    tunables = drafted(schedule.LAYER, USUAL).tunables
    assert tunables["MinimumInstances"] == compute.minimum_instances(USUAL)


def test_every_action_sets_both_bounds_and_never_a_desired_capacity() -> None:
    for name, action in actions(WEEKENDS).items():
        assert {"MinSize", "MaxSize"} <= set(action), name
        assert "DesiredCapacity" not in action, name


def test_a_nights_spike_is_met_as_by_day_unless_asked_otherwise() -> None:
    draft = drafted(schedule.LAYER, USUAL)
    assert draft.tunables["NightMaximumInstances"].default == USUAL.compute.maximum_instances


sizes = st.integers(1, 30)


@given(sizes, sizes, st.none() | sizes, st.none() | sizes, st.none() | sizes)
def test_bounds_are_in_order_in_every_region(
    night: int, day: int, night_most: int | None, own: int | None, own_most: int | None
) -> None:
    """Whatever the settings ask: night ≤ day, and minimum ≤ maximum by day and by night."""
    most = max(day, own or 1, 12)
    regions = [
        Region(name="ap-northeast-2"),
        Region(
            name="us-east-1",
            minimum_instances=own,
            maximum_instances=max(own_most, own or day) if own_most else None,
        ),
    ]
    chosen = settings(
        regions=regions,
        compute=Compute(minimum_instances=day, maximum_instances=most),
        schedule=Schedule(night_minimum_instances=night, night_maximum_instances=night_most),
    )
    draft = drafted(schedule.LAYER, chosen)
    for region in chosen.region_names:
        smallest, largest = (
            value(draft, f"Night{bound}Instances", region) for bound in ("Minimum", "Maximum")
        )
        assert smallest <= value(draft, "MinimumInstances", region)
        assert smallest <= largest <= value(draft, "MaximumInstances", region)


@pytest.mark.parametrize("name", ("NightStart", "DayStart", "TimeZone", "NightMinimumInstances"))
def test_what_an_operator_tunes_has_words_and_bounds(name: str) -> None:
    tunable = drafted(schedule.LAYER, USUAL).tunables[name]
    assert tunable.description
    assert tunable.pattern or tunable.minimum == 1
