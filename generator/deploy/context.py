"""What every step of a rollout is given."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from generator.deploy.aws import Aws
from generator.deploy.looking.events import StackEvent
from generator.deploy.looking.reading import describe_stack
from generator.deploy.release import Carried, Release
from generator.deploy.steps import Plan, SetStep, StackStep, Step
from generator.deploy.waiting import until
from generator.deploy.world import World
from generator.errors import GtmError

VISIBLE_WITHIN = 15.0
"""Seconds after which a read shows what was written: CloudFormation's reads may lag behind."""


class StepFailed(GtmError):
    """One step failed; the rollout says it with the others."""


class Outcome(NamedTuple):
    """How a step ended. `reason` is empty where it was done."""

    step: str
    state: str
    started: float
    ended: float
    reason: str = ""


class Observer(Protocol):
    """Who looks on: the screen, the journal."""

    def started(self, step: Step) -> None:
        """A step began."""

    def happened(self, step: Step, event: StackEvent) -> None:
        """CloudFormation said something about one of its resources."""

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended, one way or another."""


class Context(NamedTuple):
    """The hands of a rollout."""

    aws: Aws
    release: Release
    world: World
    plan: Plan
    allowed: tuple[str, ...]
    """Logical ids of stateful resources that may be replaced or deleted."""
    observer: Observer
    stop: threading.Event
    """Set when the person leaves: waits end, CloudFormation goes on."""
    run: str = ""
    """Names this rollout among all of the same plan; empty while a plan is made."""

    def template(self, name: str) -> str:
        """Text of a template of the release, or of the plan's own: a build is never overridden."""
        return self.release.templates.get(name) or self.plan.templates[name]

    def content(self, name: str) -> bytes:
        """A file of the release, template or archive, or of the plan's own, as it is uploaded."""
        return self.release.archives.get(name) or self.template(name).encode()

    def token(self, step: Step) -> str:
        """Names the operation: the same for a call that is repeated, another in another rollout.

        AWS answers a token, or an operation id, that it had before with what came of it then.
        """
        facts = f"{self.plan.fingerprint}/{self.plan.release}/{step.id}/{self.run}"
        return f"gtm-{hashlib.sha256(facts.encode()).hexdigest()[:32]}"

    def values(self, step: StackStep | SetStep) -> Mapping[str, str]:
        """Parameter values, those that other stacks had to make included.

        Raises StepFailed where an output is missing.
        """
        made = {name: self._output(source) for name, source in step.carried.items()}
        return {**step.parameters, **made}

    def _output(self, source: Carried) -> str:
        """A stack that was made a moment ago may be read without its outputs."""
        name = self.release.unit(source.layer).name
        found = until(lambda: self._read_output(source, name), self.stop, VISIBLE_WITHIN)
        if found is None:
            raise StepFailed(f"{name} in {source.region} has no output {source.output}")
        return found

    def _read_output(self, source: Carried, name: str) -> str | None:
        stack = describe_stack(self.aws, source.region, name) or {}
        outputs = {o["OutputKey"]: str(o["OutputValue"]) for o in stack.get("Outputs", [])}
        return outputs.get(source.output)
