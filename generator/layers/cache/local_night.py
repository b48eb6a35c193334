"""When it is night in a Region, in UTC, as services want it that know no time zones.

Standard time is taken all year: an hour's shift in summer leaves a night a night.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from generator.settings.model import Settings

_SUNDAY = datetime(2024, 1, 7)  # in January, which is winter north of the equator
_HOUR = timedelta(hours=1)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def snapshot_window(settings: Settings, region: str) -> str:
    """The hour from 03:00 local time: `18:00-19:00` in Seoul's Region."""
    start = _utc(settings, region, 3)
    return f"{start:%H:%M}-{start + _HOUR:%H:%M}"


def maintenance_window(settings: Settings, region: str) -> str:
    """The hour from 04:00 on Sunday, local time: `sat:19:00-sat:20:00` in Seoul's Region."""
    start = _utc(settings, region, 4)
    return "-".join(f"{_DAYS[time.weekday()]}:{time:%H:%M}" for time in (start, start + _HOUR))


def _utc(settings: Settings, region: str, hour: int) -> datetime:
    zone = ZoneInfo(settings.region(region).local_time_zone)
    offset = _SUNDAY.replace(tzinfo=zone).utcoffset() or timedelta()
    return _SUNDAY + timedelta(hours=hour) - offset
