"""Relations of where the platform runs: Regions, zones, networks, time zones."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from generator.settings.model import Region, Settings
from generator.settings.regions import REGIONS
from generator.settings.rule import Problem, reads

_PRIVATE_BLOCKS = "Choose 10.x.0.0/16, one of 172.16.0.0/16 to 172.31.0.0/16, or 192.168.0.0/16."


def repeated(values: Iterable[Hashable]) -> Iterator[tuple[int, int]]:
    """Index of each value that came before, with the index where it came first."""
    first: dict[Hashable, int] = {}
    for index, value in enumerate(values):
        if first.setdefault(value, index) != index:
            yield index, first[value]


def nearest(name: str, known: Iterable[str], otherwise: str) -> str:
    """The remedy for a name that is none of the known ones."""
    from difflib import get_close_matches  # only a faulty file needs it

    near = get_close_matches(name, list(known), 1, cutoff=0.75)
    return f"Did you mean {near[0]}?" if near else otherwise


def _known(settings: Settings) -> Iterator[tuple[int, Region]]:
    """The Regions that exist, with their index: what is unknown has one fault, not several."""
    return ((i, region) for i, region in enumerate(settings.regions) if region.name in REGIONS)


@reads("home_region", "regions.*.name")
def home_is_one_of_the_regions(settings: Settings) -> Iterator[Problem]:
    names = [region.name for region in settings.regions]
    if settings.home_region not in names:
        problem = f"{settings.home_region} is not one of the regions"
        remedy = nearest(settings.home_region, names, f"Choose one of {', '.join(names)}.")
        yield Problem(("home_region",), problem, remedy)


@reads("regions.*.name")
def regions_exist(settings: Settings) -> Iterator[Problem]:
    for index, region in enumerate(settings.regions):
        if region.name not in REGIONS:
            remedy = nearest(region.name, REGIONS, f"Known: {', '.join(REGIONS)}.")
            problem = f"there is no Region {region.name}"
            yield Problem(("regions", index, "name"), problem, remedy)


@reads("regions.*.name")
def regions_differ(settings: Settings) -> Iterator[Problem]:
    for index, first in repeated(region.name for region in settings.regions):
        problem = f"{settings.regions[index].name} is listed twice"
        remedy = f"It is regions[{first}] too; keep one of them."
        yield Problem(("regions", index, "name"), problem, remedy)


@reads("zones", "regions.*.name")
def regions_have_that_many_zones(settings: Settings) -> Iterator[Problem]:
    zones = {region.name: REGIONS[region.name].zones for _, region in _known(settings)}
    few = {name: count for name, count in zones.items() if count < settings.zones}
    if few:
        have = ", ".join(f"{name} has {count}" for name, count in few.items())
        remedy = f"Set zones to {min(few.values())}, or choose other regions."
        yield Problem(("zones",), f"{settings.zones} zones are too many: {have}", remedy)


@reads("regions.*.vpc_cidr")
def networks_are_private(settings: Settings) -> Iterator[Problem]:
    for index, region in enumerate(settings.regions):
        if region.vpc_cidr and not _is_private(region.vpc_cidr):
            problem = f"{region.vpc_cidr} is not a private block of addresses"
            yield Problem(("regions", index, "vpc_cidr"), problem, _PRIVATE_BLOCKS)


def _is_private(cidr: str) -> bool:
    first, second = map(int, cidr.split(".")[:2])
    return (
        (first == 10 and second <= 255)
        or (first == 172 and 16 <= second <= 31)
        or (first, second) == (192, 168)
    )


@reads("regions.*.vpc_cidr", "regions.*.name")
def networks_do_not_overlap(settings: Settings) -> Iterator[Problem]:
    known = list(_known(settings))
    for later, earlier in repeated(region.cidr for _, region in known):
        (index, region), (first, other) = known[later], known[earlier]
        if region.name != other.name:  # else the Region is listed twice: said already
            problem = f"the networks of {region.name} and {other.name} overlap: both {region.cidr}"
            remedy = "Give one of them another vpc_cidr; the default is a /16 of each Region's own."
            at = ("regions", index if region.vpc_cidr else first, "vpc_cidr")
            yield Problem(at, problem, remedy)


@reads("regions.*.time_zone")
def time_zones_exist(settings: Settings) -> Iterator[Problem]:
    for index, region in enumerate(settings.regions):
        if region.time_zone and not _is_time_zone(region.time_zone):
            from zoneinfo import available_timezones

            otherwise = "Write an IANA name, as in Asia/Seoul."
            remedy = nearest(region.time_zone, available_timezones(), otherwise)
            at = ("regions", index, "time_zone")
            yield Problem(at, f"there is no time zone {region.time_zone}", remedy)


def _is_time_zone(name: str) -> bool:
    from zoneinfo import ZoneInfo  # only for who writes a zone

    try:
        return ZoneInfo(name).key == name
    except (OSError, ValueError, LookupError):  # unknown, a path, or a directory of zones
        return False


RULES = (
    home_is_one_of_the_regions,
    regions_exist,
    regions_differ,
    regions_have_that_many_zones,
    networks_are_private,
    networks_do_not_overlap,
    time_zones_exist,
)
