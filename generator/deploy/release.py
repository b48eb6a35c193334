"""A built environment, as a rollout knows it: frozen, and read from files (`built_files.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from generator.deploy.places import SELF, place

PLATFORM_TAG = "gtm:platform"
"""Tag whose value is the prefix: what is removed as no longer wanted must bear it."""


class Kind(StrEnum):
    """What a unit is in CloudFormation."""

    STACK = "stack"
    STACK_SET = "stack_set"


class Carried(NamedTuple):
    """A parameter whose value is another stack's output."""

    layer: str
    region: str
    output: str


class Reach(NamedTuple):
    """The accounts of an organization that a service-managed stack set reaches."""

    units: tuple[str, ...]
    """Organizational units."""
    everyone: bool
    """Whether it is for all accounts under them, or for the platform's own among them."""
    call_as: str
    """SELF in the management account, DELEGATED_ADMIN in the account of a delegated one."""
    auto_deployment: bool


class Unit(NamedTuple):
    """A stack in one or more Regions, or a stack set, as the manifest has it."""

    layer: str
    name: str
    kind: Kind
    regions: tuple[str, ...]
    after: tuple[str, ...]
    template: str
    nested: tuple[str, ...]
    archives: tuple[str, ...]
    """Files that its instances fetch."""
    carried: Mapping[str, Carried]
    administrator: bool
    """Whether it takes an administrator's own rights, not the provisioning role."""
    published: tuple[str, ...] = ()
    """Outputs that are meant for people and other programs."""
    reach: Reach | None = None
    """None for stacks, and for self-managed sets, which are in the platform's account only."""

    @property
    def call_as(self) -> str:
        """How its calls are made."""
        return self.reach.call_as if self.reach else SELF


def places_of(unit: Unit, accounts: Iterable[str], own: str) -> tuple[str, ...]:
    """Where its stacks or instances belong; `accounts` are those that its reach has."""
    if unit.reach is None or not unit.reach.everyone:
        return unit.regions
    return tuple(place(each, region, own) for region in unit.regions for each in accounts)


class Waves(NamedTuple):
    """How the regional roots follow one another."""

    layer: str
    regions_at_once: int
    bake_minutes: float
    alarms: tuple[str, ...]
    """Outputs of that layer which are alarms to be watched: their ARNs."""


class Evacuation(NamedTuple):
    """The metric and the alarm that take a Region out of DNS."""

    namespace: str
    metric: str
    alarm: str


class LoadGenerators(NamedTuple):
    """What makes load in AWS: a bucket and two Auto Scaling groups in each of its Regions."""

    regions: tuple[str, ...]
    bucket: str
    """Its name, with CloudFormation's pseudo parameters in it."""
    masters: str
    workers: str
    workers_a_region: int
    instance_type: str
    longest_minutes: int


class Place(NamedTuple):
    """Where load can be aimed: an address that names outputs of a layer in braces."""

    layer: str
    address: str


class Release(NamedTuple):
    """Everything that a rollout knows of an environment."""

    environment: str
    prefix: str
    home: str
    regions: tuple[str, ...]
    tags: Mapping[str, str]
    roles: Mapping[str, str]
    bucket: str
    key_prefix: str
    waves: Waves
    evacuation: Evacuation | None
    targets: Mapping[str, Place]
    """Where a load test can be aimed, by kind."""
    secrets_of: Mapping[str, str]
    """Names in Secrets Manager of what opens a target, by kind; never a value."""
    static_path: str
    cache_cluster: bool
    load_generators: LoadGenerators | None
    units: tuple[Unit, ...]
    templates: Mapping[str, str]
    """File name to text."""
    archives: Mapping[str, bytes]
    """File name to content: what instances run."""
    parameters: Mapping[tuple[str, str], Mapping[str, str]]
    """Region and layer to parameter values, as in the parameter files."""

    def unit(self, layer: str) -> Unit:
        """The unit of a layer; KeyError if it has none."""
        return {unit.layer: unit for unit in self.units}[layer]

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """How its service-managed sets reach an organization's accounts."""
        return tuple(dict.fromkeys(unit.reach for unit in self.units if unit.reach))

    @property
    def stack_tags(self) -> dict[str, str]:
        """Tags of every stack: the settings', and the one by which a rollout knows its own."""
        return {**self.tags, PLATFORM_TAG: self.prefix}

    @property
    def all_regions(self) -> tuple[str, ...]:
        """Every Region that holds something of it, home first."""
        named = [self.home, *(region for unit in self.units for region in unit.regions)]
        return tuple(dict.fromkeys(named))

    @property
    def secrets(self) -> frozenset[str]:
        """Values of parameters that a template marks NoEcho; they are shown nowhere."""
        hidden = {
            name
            for text in self.templates.values()
            for name, entry in json.loads(text).get("Parameters", {}).items()
            if str(entry.get("NoEcho", "")).lower() == "true"
        }
        by_place = self.parameters.values()
        return frozenset(v for values in by_place for k, v in values.items() if k in hidden)

    def bucket_in(self, region: str, account: str) -> str:
        """Name of a Region's artifact bucket."""
        return spelled_out(self.bucket, region, account)

    def body(self, file: str) -> dict[str, Any]:
        """A template as data."""
        data: dict[str, Any] = json.loads(self.templates[file])
        return data


def spelled_out(name: str, region: str, account: str) -> str:
    """A derived name with CloudFormation's pseudo parameters filled in."""
    return name.replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)
