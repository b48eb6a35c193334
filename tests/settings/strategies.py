"""Every kind of valid settings, by construction: for tests of templates, plans and simulations.

    @given(settings())        Settings
    @given(settings_data())   the same as plain data, as YAML would hold it

Relations between fields hold because the choices are made in an order in which each can respect
the last ones; nothing is filtered.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.settings.model import Settings
from generator.settings.regions import REGIONS
from generator.settings.rules_stores import STRONG_SETS
from tests.settings import options, sections

Data = dict[str, Any]
Draw = st.DrawFn

CONTINENTS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"]


@st.composite
def settings_data(draw: Draw) -> Data:
    """A valid settings file as plain data."""
    consistency = draw(st.sampled_from(["eventual", "eventual", "strong"]))
    names = draw(_region_names(consistency))
    home = draw(st.sampled_from(names))
    zones = draw(st.integers(2, min(4, *(REGIONS[name].zones for name in names))))
    domain = draw(_domain(len(names)) if len(names) > 2 else st.none() | _domain(len(names)))
    sizes = draw(_sizes())
    regions = draw(_regions(names, home, domain, sizes))
    data = {
        "environment": draw(sections.WORDS),
        "home_region": home,
        "regions": regions,
        "zones": zones,
        "compute": sizes | draw(sections.compute()),
        "load_balancer": draw(sections.load_balancer()),
        "cache": draw(sections.cache()),
        "database": draw(sections.database(consistency)),
        "edge": draw(sections.edge(has_domain=domain is not None)),
        "monitoring": draw(sections.monitoring()),
        "scaling": draw(sections.scaling()),
    }
    data |= draw(options.options(data))
    day = _smallest(sizes, regions)
    schedule = draw(st.none() | _schedule(*day))
    data |= {k: v for k, v in (("domain", domain), ("schedule", schedule)) if v is not None}
    return data | draw(sections.common())


def settings() -> st.SearchStrategy[Settings]:
    """Valid Settings."""
    return settings_data().map(Settings.model_validate)


def _region_names(consistency: str) -> st.SearchStrategy[list[str]]:
    if consistency == "strong":
        members = st.sampled_from([list(members) for members in STRONG_SETS.values()])
        return members.flatmap(lambda m: st.permutations(m).map(lambda order: order[:3]))
    # us-east-1 is a case of its own: a workload Region that is the edge's Region too
    common = ["us-east-1", "ap-northeast-2", "eu-west-1"]
    anywhere = st.lists(st.sampled_from(sorted(REGIONS)), min_size=1, max_size=6, unique=True)
    return anywhere | st.lists(st.sampled_from(common), min_size=1, max_size=3, unique=True)


@st.composite
def _sizes(draw: Draw) -> Data:
    minimum = draw(st.integers(1, 20))
    return {"minimum_instances": minimum, "maximum_instances": draw(st.integers(minimum, 100))}


def _smallest(sizes: Data, regions: list[Data]) -> tuple[int, int]:
    every = [sizes | region for region in regions]
    lowest = min(size["minimum_instances"] for size in every)
    return lowest, min(size["maximum_instances"] for size in every)


@st.composite
def _regions(draw: Draw, names: list[str], home: str, domain: Data | None, sizes: Data) -> Any:
    routing = domain.get("routing", "latency") if domain else None
    order = draw(st.permutations(CONTINENTS))
    octets = draw(st.permutations(range(100, 200)))
    regions = []
    for index, name in enumerate(names):
        region = {"name": name} | draw(_region(sizes, octets[index]))
        if routing == "weighted":
            region["weight"] = draw(st.integers(0 if index else 1, 255))
        if routing == "geolocation" and (name != home or draw(st.booleans())):
            region["continents"] = [order[index]]  # up to six Regions, seven continents
        regions.append(region)
    return regions


@st.composite
def _region(draw: Draw, sizes: Data, octet: int) -> Data:
    region = draw(
        sections.some(
            time_zone=st.sampled_from(["Asia/Seoul", "America/Sao_Paulo", "UTC"]),
            vpc_cidr=st.just(f"10.{octet}.0.0/16"),  # no Region's default
            minimum_instances=st.integers(1, sizes["maximum_instances"]),
        )
    )
    least = region.get("minimum_instances", sizes["minimum_instances"])
    return region | draw(sections.some(maximum_instances=st.integers(least, 200)))


@st.composite
def _domain(draw: Draw, regions: int) -> Data:
    routings = ["latency", "geolocation", "weighted", *(["failover"] if regions == 2 else [])]
    labels = st.sampled_from(["www", "api", "m", "static-1"])
    return {"name": draw(st.sampled_from(["example.com", "a.b.example.co.kr", "x1.io"]))} | draw(
        sections.some(
            hosted_zone_id=st.just("Z0123456789ABCDEFGHIJ"),
            alternate_names=st.lists(labels, max_size=4, unique=True),
            routing=st.sampled_from(routings),
            check_interval_seconds=st.sampled_from([10, 30]),
            check_failures=st.integers(1, 10),
        )
    )


@st.composite
def _schedule(draw: Draw, day_minimum: int, day_maximum: int) -> Data:
    minimum = draw(st.integers(1, day_minimum))
    data = {"night_minimum_instances": minimum} | draw(
        sections.some(
            night_start=st.sampled_from(["0 1 * * *", "30 23 * * 0-6", "*/15 2 * * *"]),
            night_maximum_instances=st.none() | st.integers(minimum, day_maximum),
        )
    )
    weekend = {"day_start": "0 7 * * 1-5", "weekend_day_start": "0 9 * * 0,6"}
    return data | draw(st.sampled_from([{}, {"day_start": "15 6 * * *"}, weekend]))
