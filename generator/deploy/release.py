"""A built environment, read back: manifest, templates, parameter files.

Every file is checked against the manifest, so what is rolled out is what was built.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from generator.deploy.places import SELF, place
from generator.errors import UsageError

FORMAT = 5
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


def read_release(folder: Path) -> Release:
    """Read `build/<env>/`. Raises UsageError where it is missing, older, or was changed."""
    manifest = _manifest(folder)
    templates = {n: _read(folder, n, e).decode() for n, e in manifest["templates"].items()}
    units = tuple(_unit(entry) for entry in manifest["rollout"])
    waves, evacuation = manifest["waves"], manifest["evacuation"]
    return Release(
        environment=manifest["environment"],
        prefix=manifest["prefix"],
        home=manifest["home_region"],
        regions=tuple(manifest["regions"]),
        tags=manifest["tags"],
        roles=manifest["roles"],
        bucket=manifest["artifacts"]["bucket"],
        key_prefix=manifest["artifacts"]["prefix"],
        waves=Waves(**{**waves, "alarms": tuple(waves["alarms"])}),
        evacuation=Evacuation(**evacuation) if evacuation else None,
        targets={kind: Place(**place) for kind, place in manifest["targets"].items()},
        secrets_of=manifest["secrets"],
        static_path=manifest["static_path"],
        cache_cluster=manifest["cache_cluster"],
        load_generators=_load_generators(manifest["load_generators"]),
        units=units,
        templates=templates,
        archives={name: _read(folder, name, e) for name, e in manifest["archives"].items()},
        parameters=_parameters(folder, manifest["parameters"], units),
    )


def _load_generators(entry: dict[str, Any] | None) -> LoadGenerators | None:
    return LoadGenerators(**entry | {"regions": tuple(entry["regions"])}) if entry else None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        raise UsageError(
            f"{folder}: not built\n    run: python -m generator build --env {folder.name}"
        ) from None
    if manifest.get("format") != FORMAT:
        raise UsageError(
            f"{folder}/manifest.json: format {manifest.get('format')}, {FORMAT} is read here\n"
            f"    run: python -m generator build --env {folder.name}"
        )
    return manifest


def _read(folder: Path, name: str, entry: Mapping[str, Any]) -> bytes:
    path = folder / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise UsageError(
            f"{path}: not the file that was built\n"
            f"    run: python -m generator build --env {folder.name}"
        )
    return content


def _unit(entry: Mapping[str, Any]) -> Unit:
    return Unit(
        layer=entry["layer"],
        name=entry["name"],
        kind=Kind(entry["kind"]),
        regions=tuple(entry["regions"]),
        after=tuple(entry["after"]),
        template=entry["template"],
        nested=tuple(entry["nested"]),
        archives=tuple(entry["archives"]),
        carried={name: Carried(**source) for name, source in entry["carried"].items()},
        administrator=entry["administrator"],
        published=tuple(entry["published"]),
        reach=_reach(entry["reach"]),
    )


def _reach(entry: Mapping[str, Any] | None) -> Reach | None:
    return Reach(**{**entry, "units": tuple(entry["units"])}) if entry else None


def _parameters(
    folder: Path, built: Mapping[str, Any], units: tuple[Unit, ...]
) -> dict[tuple[str, str], Mapping[str, str]]:
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for unit in units:
        for region in unit.regions:
            name = f"parameters/{region}/{unit.layer}.cli.json"
            entries = json.loads(_read(folder, name, built[name]))
            found[region, unit.layer] = {e["ParameterKey"]: e["ParameterValue"] for e in entries}
    return found
