"""The numbers of a rollout, in the sandbox: no process against process, but a run against itself.

    3 Regions  makespan : critical path of the same run, from nothing to a platform that stands
    6 Regions  the same
    no change  reads a stack of a deploy that has nothing to do, and makes no call that changes any

API calls per deployed stack, nested ones included, are told beside.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from generator.deploy.records.journal import Past
from generator.deploy.records.recorder import Recorder
from generator.deploy.records.timeline import timeline_of
from generator.deploy.rollout import deploy
from generator.deploy.steps import Plan
from generator.sandbox.process import running
from generator.settings.model import Settings
from tests.deploy.conftest import Deployer, prod

Row = tuple[str, float, float, str]
SIX = (
    *("ap-northeast-2", "us-east-1", "eu-west-1"),
    *("ap-northeast-1", "eu-central-1", "us-west-2"),
)


def rows() -> Iterator[Row]:
    """One row a promise; each rollout has an account of its own."""
    with running() as sandbox, tempfile.TemporaryDirectory() as scratch:
        for number, regions in enumerate((SIX[:3], SIX), 1):
            os.environ.update(sandbox.environment(f"50000000000{number}", SIX[0]))
            deployer = Deployer(Path(scratch))
            settings = prod(regions=[{"name": region} for region in regions])
            yield makespan(deployer, settings, len(regions))
            yield no_change(deployer, settings, len(regions))


def makespan(deployer: Deployer, settings: Settings, regions: int) -> Row:
    """How much longer a rollout takes than the longest chain of its own steps."""
    recorders: list[Recorder] = []
    desk = deployer.desk(settings)

    def agree(plan: Plan, past: Past) -> Recorder:
        recorders.append(Recorder(plan))
        return recorders[0]

    deploy(desk._replace(agree=agree))
    timeline = timeline_of(recorders[0].run())
    calls = sum(desk.aws.calls.values())
    stacks = count_stacks(deployer, settings)
    detail = f"{timeline.makespan:.1f} s, {calls} API calls, {calls / stacks:.1f} for each stack"
    return (f"{regions} Regions", timeline.ratio, 1.2, detail)


def no_change(deployer: Deployer, settings: Settings, regions: int) -> Row:
    """Reads for each stack of the plan: those of stack sets too, nested ones not."""
    deployer.deploy(settings)
    aws = deployer.aws
    world = deployer.world(settings)
    stacks = len(world.stacks) + sum(len(s.instances) for s in world.sets.values())
    reads = sum(aws.calls.values()) / stacks
    changing = aws.mutating_calls
    detail = f"{reads:.2f} reads a stack over {regions} Regions, {changing} changing calls"
    return ("no change", math.inf if changing else reads, 3.0, detail)


def count_stacks(deployer: Deployer, settings: Settings) -> int:
    """All stacks, nested ones and those of stack sets included."""
    regions = {region for region, _ in deployer.world(settings).stacks}
    clients = [deployer.aws.client("cloudformation", region) for region in regions]
    pages = [page for c in clients for page in c.get_paginator("describe_stacks").paginate()]
    return sum(len(page["Stacks"]) for page in pages)
