"""Relations of what is optional: Aurora, load generators, Region switch, pipeline."""

from __future__ import annotations

from collections.abc import Iterator

from generator.settings.model import Settings
from generator.settings.regions import REGIONS
from generator.settings.rule import Problem, reads
from generator.settings.rules_fleet import is_graviton
from generator.settings.rules_regions import nearest, repeated

WITHOUT_FIS = frozenset(
    {
        "ap-east-2",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-7",
        "ca-west-1",
        "il-central-1",
        "mx-central-1",
    }
)
"""Regions whose CloudFormation knows no experiment templates, by the schemas of its registry."""


@reads("aurora")
def aurora_minimum_is_not_above_its_maximum(settings: Settings) -> Iterator[Problem]:
    units = settings.aurora
    if units and units.minimum_capacity > units.maximum_capacity:
        problem = f"{units.minimum_capacity:g} is above the maximum of {units.maximum_capacity:g}"
        remedy = "Lower minimum_capacity or raise maximum_capacity."
        yield Problem(("aurora", "minimum_capacity"), problem, remedy)


@reads("load_generator.regions.*")
def generator_regions_exist_once(settings: Settings) -> Iterator[Problem]:
    names = (settings.load_generator and settings.load_generator.regions) or []
    for index, name in enumerate(names):
        if name not in REGIONS:
            remedy = nearest(name, REGIONS, f"Known: {', '.join(REGIONS)}.")
            at = ("load_generator", "regions", index)
            yield Problem(at, f"there is no Region {name}", remedy)
    for index, first in repeated(names):
        at = ("load_generator", "regions", index)
        remedy = f"It is regions[{first}] too; keep one of them."
        yield Problem(at, f"{names[index]} is listed twice", remedy)


@reads("load_generator.instance_type")
def generators_have_the_cpu_of_their_image(settings: Settings) -> Iterator[Problem]:
    if settings.load_generator and not is_graviton(settings.load_generator.instance_type):
        problem = f"{settings.load_generator.instance_type} has x86_64 processors"
        remedy = "Choose a Graviton type, as in c7g.large: the image is of arm64."
        yield Problem(("load_generator", "instance_type"), problem, remedy)


@reads("region_switch", "domain", "regions.*.name")
def a_switch_has_somewhere_to_go(settings: Settings) -> Iterator[Problem]:
    if settings.region_switch is None:
        return
    if settings.domain is None:
        problem = "a Region is switched in DNS, and there is no domain"
        yield Problem(("region_switch",), problem, "Give a domain, or leave region_switch out.")
    if len(settings.regions) < 2:
        problem = "there is one Region: users could go nowhere else"
        yield Problem(("region_switch",), problem, "Add a Region, or leave region_switch out.")


@reads("chaos", "regions.*.name")
def experiments_are_where_fis_is(settings: Settings) -> Iterator[Problem]:
    if settings.chaos is None:
        return
    for index, region in enumerate(settings.regions):
        if region.name in WITHOUT_FIS:
            problem = f"{region.name} has no AWS Fault Injection Service, which chaos asks for"
            remedy = "Leave chaos out, or the Region."
            yield Problem(("regions", index, "name"), problem, remedy)


@reads("pipeline.promotes.*.environment", "environment")
def the_pipeline_ends_here(settings: Settings) -> Iterator[Problem]:
    if settings.pipeline is None:
        return
    names = [promotion.environment for promotion in settings.pipeline.promotes]
    for index, first in repeated(names):
        at = ("pipeline", "promotes", index, "environment")
        remedy = f"It is promotes[{first}] too; keep one of them."
        yield Problem(at, f"{names[index]} is listed twice", remedy)
    if names[-1] != settings.environment:
        problem = f"the last environment is {names[-1]}, and this is {settings.environment}"
        remedy = f"End with {settings.environment}, or move the section to {names[-1]}'s file."
        yield Problem(("pipeline", "promotes"), problem, remedy)


RULES = (
    aurora_minimum_is_not_above_its_maximum,
    generator_regions_exist_once,
    generators_have_the_cpu_of_their_image,
    a_switch_has_somewhere_to_go,
    experiments_are_where_fis_is,
    the_pipeline_ends_here,
)
