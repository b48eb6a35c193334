"""A person with a checkout and an account: builds, plans, deploys, against the sandbox."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.build.archive import Archive, packed
from generator.build.release import build_release
from generator.build.write import replace_tree
from generator.deploy import waiting
from generator.deploy.aws import Aws
from generator.deploy.built_files import read_release
from generator.deploy.context import Observer, Outcome
from generator.deploy.looking.events import StackEvent
from generator.deploy.planning import Wishes
from generator.deploy.records.journal import Past
from generator.deploy.release import Release
from generator.deploy.rollout import Desk, Result, deploy, plan, take_survey
from generator.deploy.steps import Plan, Step
from generator.deploy.world import World
from generator.settings.model import Settings
from tests.local_aws import Account

CHECKOUT = Path(__file__).parents[2]
SERVICE = Archive(packed({"run": b"#!/bin/sh\n"}))
"""What instances would run: uploaded and fetched like any other."""

waiting.FIRST = 0.05  # the sandbox does in a moment what takes AWS minutes


def prod(**changes: Any) -> Settings:
    """The settings of parameters/prod.yaml, with sections changed key by key."""
    data = yaml.safe_load((CHECKOUT / "parameters" / "prod.yaml").read_text())
    for key, value in changes.items():
        known = data.get(key)
        merge = isinstance(value, Mapping) and isinstance(known, Mapping)
        data[key] = {**known, **value} if merge else value
    return Settings.model_validate(data)


def pair(**changes: Any) -> Settings:
    """The same over two Regions: both stack sets, and a wave after home."""
    return prod(regions=[{"name": name} for name in ("ap-northeast-2", "us-east-1")], **changes)


def files(settings: Settings, service: Archive = SERVICE) -> Mapping[str, bytes]:
    """What `python -m generator build --no-lint` writes; the same is built once a process."""
    return _files(settings.model_dump_json(exclude_unset=True), service)


@lru_cache(maxsize=32)
def _files(settings: str, service: Archive) -> Mapping[str, bytes]:
    return build_release(Settings.model_validate_json(settings), service).files()


class Onlooker:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.events: list[tuple[str, StackEvent]] = []
        self.outcomes: list[Outcome] = []

    def started(self, step: Step) -> None:
        """A step began."""
        self.begun.append(step.id)

    def happened(self, step: Step, event: StackEvent) -> None:
        """Something happened to a resource."""
        self.events.append((step.id, event))

    def finished(self, step: Step, outcome: Outcome) -> None:
        """A step ended."""
        self.outcomes.append(outcome)


class Deployer:
    """Builds into a folder of the test's own and deploys from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.aws = Aws()
        self.onlooker = Onlooker()
        self.told: list[str] = []

    def build(self, settings: Settings) -> Release:
        """What a build writes, read back."""
        output = self.folder / "build" / settings.environment
        replace_tree(output, files(settings))
        return read_release(output)

    def desk(self, settings: Settings, *, allowed: tuple[str, ...] = (), **wishes: Any) -> Desk:
        """A fresh desk: its own count of calls, its own onlooker."""
        self.aws, self.onlooker = Aws(), Onlooker()

        def agree(made: Plan, past: Past) -> Observer:
            return self.onlooker

        return Desk(
            aws=self.aws,
            release=self.build(settings),
            wishes=Wishes(**{"bake_minutes": 0.0, **wishes}),
            allowed=allowed,
            agree=agree,
            tell=self.told.append,
            stop=threading.Event(),
        )

    def deploy(
        self,
        settings: Settings,
        *,
        saved: Plan | None = None,
        until_home: bool = False,
        **options: Any,
    ) -> Result:
        """Deploy settings; the result."""
        return deploy(self.desk(settings, **options), saved, until_home=until_home)

    def plan(self, settings: Settings, **options: Any) -> Plan:
        """What a deploy would do."""
        return plan(self.desk(settings, **options))

    def world(self, settings: Settings) -> World:
        """What stands."""
        return take_survey(self.desk(settings)).world


@pytest.fixture
def deployer(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployer:
    """A person whose only door to AWS is the environment, as for a real one."""
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    return Deployer(tmp_path)
