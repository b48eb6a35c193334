"""A plan while it is being made: the steps so far, and which of them whom to wait for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from generator.deploy.release import Kind, Release, Unit
from generator.deploy.steps import Step, UploadStep
from generator.deploy.world import Stack, World

ANYWHERE = ""
"""Stands for a stack set as a whole, which has no Region of its own."""


def digest(text: str) -> str:
    """The part of a template's name that its text decides."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Wishes(NamedTuple):
    """What the command line asks for beyond the settings."""

    regions: tuple[str, ...] = ()
    """Only these Regions, and what they need."""
    regions_at_once: int | None = None
    bake_minutes: float | None = None
    express: bool = False


class Update(NamedTuple):
    """One update on the way from what stands to what was built."""

    before: Mapping[str, Any]
    values: Mapping[str, str]
    """Parameters before it."""
    body: Mapping[str, Any]
    template: str


class Sketch:
    """Steps are only appended, each after what it needs, so their order is a valid one."""

    def __init__(self, release: Release, world: World, wishes: Wishes) -> None:
        self.release, self.world, self.wishes = release, world, wishes
        self.steps: list[Step] = []
        self.unchanged = 0
        self.templates: dict[str, str] = {}
        self.drops: list[tuple[Unit, Stack, tuple[Update, ...]]] = []
        """Updates that must wait until nothing uses what they drop."""
        self._frontier: dict[tuple[str, str], tuple[str, ...]] = {}

    def add(self, step: Step) -> str:
        """Append a step; its id."""
        self.steps.append(step)
        return step.id

    def settle(self, unit: Unit, region: str, step_ids: Iterable[str]) -> None:
        """What waits for this unit waits for these steps; for its own needs, if it has none."""
        self._frontier[unit.layer, region] = tuple(step_ids) or self.needs(unit, region)

    def needs(self, unit: Unit, region: str) -> tuple[str, ...]:
        """Ids of the steps that a unit in a Region must wait for."""
        found: dict[str, None] = {}
        for layer in unit.after:
            found |= dict.fromkeys(self._steps_of(self.release.unit(layer), region))
        for source in unit.carried.values():
            found |= dict.fromkeys(self._frontier.get((source.layer, source.region), ()))
        return tuple(found)

    def _steps_of(self, unit: Unit, region: str) -> tuple[str, ...]:
        """Those of the same Region where the unit stands there, else all of them."""
        if unit.kind is Kind.STACK and region in unit.regions:
            return self._frontier.get((unit.layer, region), ())
        keys = [key for key in self._frontier if key[0] == unit.layer]
        return tuple(dict.fromkeys(step for key in keys for step in self._frontier[key]))

    def upload(self, region: str, files: Iterable[str]) -> str:
        """The step that brings files to a Region's bucket, made or widened; its id."""
        step_id = f"upload@{region}"
        storage = self._frontier.get(("storage", region), ())
        for index, step in enumerate(self.steps):
            if step.id == step_id and isinstance(step, UploadStep):
                merged = tuple(dict.fromkeys([*step.files, *files]))
                self.steps[index] = UploadStep(
                    id=step_id, after=step.after, region=region, files=merged
                )
                return step_id
        return self.add(UploadStep(id=step_id, after=storage, region=region, files=tuple(files)))

    def keep_template(self, stem: str, body: Mapping[str, Any]) -> str:
        """A template of the plan's own, named by its content as the built ones are; its name."""
        text = json.dumps(body, indent=1) + "\n"
        name = f"{stem}-{digest(text)}.template.json"
        self.templates[name] = text
        return name

    def drops_of(self, unit: Unit, region: str) -> bool:
        """Whether updates of this stack wait for the end."""
        return any(u is unit and s.region == region for u, s, _ in self.drops)

    def values(self, unit: Unit, region: str) -> dict[str, str]:
        """Parameter values of a stack, as far as they are known today."""
        return {**self.release.parameters[region, unit.layer], **self.known_carried(unit)}

    def known_carried(self, unit: Unit) -> dict[str, str]:
        """Values of carried parameters that are known today, from the stacks that stand."""
        found = {}
        for name, source in unit.carried.items():
            stack = self.release.unit(source.layer).name
            value = self.world.output(source.region, stack, source.output)
            if value is not None:
                found[name] = value
        return found
