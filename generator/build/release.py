"""What one build of one environment writes: templates, parameter files, manifest, the service.

    build/<env>/<layer>-<hash>.template.json
    build/<env>/service-<hash>.tar.gz
    build/<env>/parameters/<region>/<layer>.cli.json            aws cloudformation --parameters
    build/<env>/parameters/<region>/<layer>.deploy.json         aws cloudformation deploy
    build/<env>/parameters/<region>/<layer>.codepipeline.json   CodePipeline template configuration
    build/<env>/quick-create.html                               a link to the console for each stack
    build/<env>/manifest.json                                   what, where, in which order

A rollout reads these and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from generator import names
from generator.blueprint import Platform, draft_platform
from generator.build import quick_create
from generator.build.archive import Archive
from generator.build.parameter_files import parameter_files
from generator.build.render import Rendered, json_text, render_platform
from generator.build.targets import secrets, targets
from generator.build.units import Unit, units_of
from generator.layers import load_generator, root
from generator.layers.compute.user_data import ARTIFACT_KEY, ARTIFACT_SHA256
from generator.layers.draft import Scope
from generator.layers.load_generator.user_data import GENERATOR_KEY, GENERATOR_SHA256
from generator.layers.monitoring import IMPAIRED_ALARM_ARN
from generator.policies.deployer import ADMINISTRATORS
from generator.settings.model import Settings

MANIFEST_FORMAT = 5


class Release(NamedTuple):
    """One environment, built. `templates` are in rollout order, nested ones before their root."""

    platform: Platform
    templates: tuple[Rendered, ...]
    units: tuple[Unit, ...]
    archive: Archive | None = None
    """What its instances run; None where their image brings that."""
    generators: Archive | None = None
    """What its load generators run."""

    @property
    def settings(self) -> Settings:
        """The settings that it was built from."""
        return self.platform.settings

    @property
    def packed(self) -> dict[str, str]:
        """Parameters that name the archives; none where there is none."""
        named: dict[str, str] = {}
        if self.archive:
            named |= {ARTIFACT_KEY: self.archive.name, ARTIFACT_SHA256: self.archive.sha256}
        if self.generators:
            named |= {GENERATOR_KEY: self.generators.name}
            named |= {GENERATOR_SHA256: self.generators.sha256}
        return named

    @property
    def archives(self) -> dict[str, Archive]:
        """Archives by the layer whose instances fetch them."""
        by_layer = {root.LAYER.name: self.archive, load_generator.LAYER.name: self.generators}
        return {layer: archive for layer, archive in by_layer.items() if archive}

    def files(self) -> dict[str, bytes]:
        """Path below `build/<env>/` to content."""
        named = {template.layer.name: template.content_name for template in self.templates}
        parameters = parameter_files(self.units, self.packed, self.settings.tags)
        texts = {
            **{template.content_name: template.text for template in self.templates},
            **parameters,
            quick_create.PAGE: quick_create.page(self.settings, self.units, named, self.packed),
            "manifest.json": json_text(manifest(self) | {"parameters": _hashes(parameters)}),
        }
        archives = {each.name: each.content for each in self.archives.values()}
        return {name: text.encode() for name, text in texts.items()} | archives

    def regions_of(self, template: Rendered) -> tuple[str, ...]:
        """The Regions that one of its templates is for."""
        return template.layer.scope.regions(self.settings)


def build_release(settings: Settings, archive: Archive | None = None) -> Release:
    """Settings to everything that a rollout needs. Raises WiringError where two layers disagree."""
    platform = draft_platform(settings)
    return Release(platform, render_platform(platform), units_of(platform), archive)


def _hashes(texts: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """By them the manifest's own hash stands for every value of the build."""
    contents = {name: text.encode() for name, text in texts.items()}
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in contents.items()
    }


def manifest(release: Release) -> dict[str, Any]:
    """What a rollout reads: no Python object travels, only this and the files that it names.

    The parameter files, which come of it, are named in the written one only.
    """
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
        "archives": _archive_entries(release),
        "load_generators": _load_generators(settings),
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


def _load_generators(settings: Settings) -> dict[str, Any] | None:
    """What a load test drives: a bucket and two groups in each of these Regions."""
    asked = settings.load_generator
    if asked is None:
        return None
    return {
        "regions": list(settings.generator_regions),
        "bucket": names.loadtest_bucket(settings),
        "masters": names.generators(settings, "masters"),
        "workers": names.generators(settings, "workers"),
        "workers_a_region": asked.workers,
        "instance_type": asked.instance_type,
        "longest_minutes": asked.longest_minutes,
    }


def _unit_entry(release: Release, unit: Unit, by_name: Mapping[str, Rendered]) -> dict[str, Any]:
    nested = [d.layer.name for d in release.platform.nested] if unit.layer is root.LAYER else []
    return {
        "layer": unit.layer.name,
        "name": names.stack(release.settings, unit.layer.name),
        "kind": "stack_set" if unit.layer.scope.is_stack_set else "stack",
        "regions": list(unit.regions),
        "after": list(unit.after),
        "template": by_name[unit.layer.name].content_name,
        "administrator": unit.layer.name in ADMINISTRATORS,
        "nested": [by_name[name].content_name for name in nested],
        "archives": [e.name for layer, e in release.archives.items() if layer == unit.layer.name],
        "carried": {
            name: {"layer": source.layer, "region": source.region, "output": source.output}
            for name, source in unit.carried.items()
        },
        "published": list(unit.published),
        "reach": _reach(release.settings, unit.layer.scope),
    }


def _reach(settings: Settings, scope: Scope) -> dict[str, Any] | None:
    """The accounts that a service-managed stack set is for.

    StackSets never deploys to the management account, so there what is for the platform's own
    account stays self-managed. Automatic deployment takes no notice of a filter on accounts, so it
    is for what every account gets.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-manage-auto-deployment.html
    """
    asked, everyone = settings.organization, scope.is_for_everyone
    if asked is None or not scope.is_stack_set:
        return None
    if not everyone and not asked.delegated_administrator:
        return None
    return {
        "units": list(asked.organizational_units),
        "everyone": everyone,
        "call_as": "DELEGATED_ADMIN" if asked.delegated_administrator else "SELF",
        "auto_deployment": asked.auto_deployment and everyone,
    }


def _template_entry(template: Rendered) -> dict[str, Any]:
    return {
        "layer": template.layer.name,
        "sha256": template.sha256,
        "bytes": len(template.text.encode()),
        "resources": len(template.body["Resources"]),
    }


def _archive_entries(release: Release) -> dict[str, dict[str, object]]:
    return {
        each.name: {"sha256": each.sha256, "bytes": len(each.content)}
        for each in release.archives.values()
    }
