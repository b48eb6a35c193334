"""What one build of one environment writes: templates, parameter files, manifest, the service.

    build/<env>/<layer>-<hash>.template.json
    build/<env>/service-<hash>.tar.gz
    build/<env>/parameters/<region>/<layer>.cli.json            aws cloudformation --parameters
    build/<env>/parameters/<region>/<layer>.codepipeline.json   CodePipeline template configuration
    build/<env>/manifest.json                                   what, where, in which order

A rollout reads these and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from generator import names, wiring
from generator.blueprint import Platform, draft_platform
from generator.build.archive import Archive
from generator.build.render import Rendered, json_text, render_platform
from generator.build.targets import secrets, targets
from generator.layers import root
from generator.layers.compute.user_data import ARTIFACT_KEY, ARTIFACT_SHA256
from generator.layers.draft import Draft, Layer, Scope
from generator.layers.monitoring import IMPAIRED_ALARM_ARN
from generator.policies.deployer import ADMINISTRATORS
from generator.settings.model import Settings
from generator.wiring import Carried, Given, Source

MANIFEST_FORMAT = 3


class Unit(NamedTuple):
    """A stack or stack set that a rollout makes itself, and where its Parameters come from."""

    layer: Layer
    regions: tuple[str, ...]
    after: tuple[str, ...]
    sources: Mapping[str, Source]
    published: tuple[str, ...]
    """Outputs that are for people and tools, whether or not a stack uses them."""


class Release(NamedTuple):
    """One environment, built. `templates` are in rollout order, nested ones before their root."""

    platform: Platform
    templates: tuple[Rendered, ...]
    units: tuple[Unit, ...]
    archive: Archive | None = None
    """What its instances run; None where their image brings that."""

    @property
    def settings(self) -> Settings:
        """The settings that it was built from."""
        return self.platform.settings

    def files(self) -> dict[str, bytes]:
        """Path below `build/<env>/` to content."""
        texts = {
            **{template.content_name: template.text for template in self.templates},
            **_parameter_files(self),
            "manifest.json": json_text(manifest(self)),
        }
        archives = {self.archive.name: self.archive.content} if self.archive else {}
        return {name: text.encode() for name, text in texts.items()} | archives

    def regions_of(self, template: Rendered) -> tuple[str, ...]:
        """The Regions that one of its templates is for."""
        return template.layer.scope.regions(self.settings)


def build_release(settings: Settings, archive: Archive | None = None) -> Release:
    """Settings to everything that a rollout needs. Raises WiringError where two layers disagree."""
    platform = draft_platform(settings)
    return Release(platform, render_platform(platform), _units(platform), archive)


def _units(platform: Platform) -> tuple[Unit, ...]:
    producers = wiring.find_producers(platform.drafts)
    names = {draft.layer.name for draft in platform.top}
    units = []
    for draft in platform.top:
        children = platform.nested if draft.layer.scope is Scope.ROOT else ()
        sources = wiring.sources(draft, children, producers)
        after = _after(draft, children, sources, producers) & names
        ordered = tuple(d.layer.name for d in platform.top if d.layer.name in after)
        regions = draft.layer.scope.regions(platform.settings)
        published = _published((draft, *children))
        units.append(Unit(draft.layer, regions, ordered, sources, published))
    return tuple(units)


def _published(drafts: tuple[Draft, ...]) -> tuple[str, ...]:
    offers = [offer for draft in drafts for offer, _ in draft.offers.values()]
    return tuple(offer.name for offer in offers if offer.published)


def _after(
    draft: Draft,
    children: tuple[Draft, ...],
    sources: Mapping[str, Source],
    producers: Mapping[str, Draft],
) -> set[str]:
    """What must stand first: named by the layer, carried from, or imported from."""
    named = {name for layer in (draft, *children) for name in layer.layer.after}
    carried = {source.layer for source in sources.values() if isinstance(source, Carried)}
    imported = {producers[name].layer.name for name in draft.imports}
    return (named | carried | imported) - {draft.layer.name}


def stack_name(settings: Settings, layer: Layer) -> str:
    """Name of a top stack or stack set: `gtm-prod-regional`."""
    return f"{settings.prefix}-{layer.name.replace('_', '-')}"


def manifest(release: Release) -> dict[str, Any]:
    """What a rollout reads: no Python object travels, only this and the files that it names."""
    settings = release.settings
    by_name = {template.layer.name: template for template in release.templates}
    return {
        "format": MANIFEST_FORMAT,
        "project": settings.project,
        "environment": settings.environment,
        "prefix": settings.prefix,
        "home_region": settings.home_region,
        "regions": list(settings.region_names),
        "tags": dict(sorted(settings.tags.items())),
        "roles": {p: names.rollout_role(settings, p) for p in names.ROLLOUT_ROLES},
        "artifacts": {
            "bucket": names.artifact_bucket(settings),
            "prefix": f"{settings.prefix}/",
        },
        "evacuation": _evacuation(settings),
        "targets": targets(settings),
        "secrets": secrets(settings),
        "static_path": settings.edge.static_path,
        "cache_cluster": settings.cache.shards > 1,
        "waves": {
            "layer": root.LAYER.name,
            "regions_at_once": settings.rollout.regions_at_once,
            "bake_minutes": settings.rollout.bake_minutes,
            "alarms": [IMPAIRED_ALARM_ARN.name],
        },
        "rollout": [_unit_entry(release, unit, by_name) for unit in release.units],
        "templates": {t.content_name: _template_entry(t) for t in release.templates},
        "archives": _archive_entries(release.archive),
    }


def _evacuation(settings: Settings) -> dict[str, str] | None:
    """The switch that takes a Region out of DNS; without a domain there is none."""
    if settings.domain is None:
        return None
    return {
        "namespace": names.switch_namespace(settings),
        "metric": names.SWITCH_METRIC,
        "alarm": names.switch_alarm(settings),
    }


def _unit_entry(release: Release, unit: Unit, by_name: Mapping[str, Rendered]) -> dict[str, Any]:
    nested = [d.layer.name for d in release.platform.nested] if unit.layer is root.LAYER else []
    return {
        "layer": unit.layer.name,
        "name": stack_name(release.settings, unit.layer),
        "kind": "stack_set" if unit.layer.scope.is_stack_set else "stack",
        "regions": list(unit.regions),
        "after": list(unit.after),
        "template": by_name[unit.layer.name].content_name,
        "administrator": unit.layer.name in ADMINISTRATORS,
        "nested": [by_name[name].content_name for name in nested],
        "archives": [release.archive.name] if release.archive and nested else [],
        "carried": {
            name: {"layer": source.layer, "region": source.region, "output": source.output}
            for name, source in unit.sources.items()
            if isinstance(source, Carried)
        },
        "published": list(unit.published),
    }


def _template_entry(template: Rendered) -> dict[str, Any]:
    return {
        "layer": template.layer.name,
        "sha256": template.sha256,
        "bytes": len(template.text.encode()),
        "resources": len(template.body["Resources"]),
    }


def _archive_entries(archive: Archive | None) -> dict[str, dict[str, object]]:
    if archive is None:
        return {}
    return {archive.name: {"sha256": archive.sha256, "bytes": len(archive.content)}}


def _archive_parameters(archive: Archive | None) -> dict[str, str]:
    return {ARTIFACT_KEY: archive.name, ARTIFACT_SHA256: archive.sha256} if archive else {}


def _parameter_files(release: Release) -> dict[str, str]:
    files = {}
    packed = _archive_parameters(release.archive)
    for unit in release.units:
        for region in unit.regions:
            values = {
                name: packed.get(name) or str(source.tunable.value_in(region))
                for name, source in unit.sources.items()
                if isinstance(source, Given)
            }
            stem = f"parameters/{region}/{unit.layer.name}"
            files[f"{stem}.cli.json"] = json_text(
                [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
            )
            files[f"{stem}.codepipeline.json"] = json_text(
                {"Parameters": values, "Tags": dict(sorted(release.settings.tags.items()))}
            )
    return files
