"""The CodeBuild projects, whose commands are in the files beside this module.

Build and plan are one each; what deploys is an environment's own, with that environment's role.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from troposphere import GetAtt, Ref
from troposphere.codebuild import (
    Artifacts,
    CloudWatchLogs,
    Environment,
    LogsConfig,
    Project,
    Source,
)
from troposphere.iam import Role

from generator import names
from generator.layers.draft import Draft, Tunable
from generator.layers.pipeline.store import Store

FOLDER = Path(__file__).parent
QUEUED_MINUTES = 60
"""How long a start may wait for a free machine."""
LOOK_MINUTES, ROLLOUT_MINUTES = 60, 480
"""How long building and planning may take; and rolling out, with its bakes."""


class Roles(NamedTuple):
    """In whose name the projects run."""

    build: Role
    plan: Role
    deploy: Mapping[str, Role]
    """By environment."""


class Deploying(NamedTuple):
    """The projects of one environment."""

    home_region: Project
    rest: Project


class Commands(NamedTuple):
    """The projects, as stages name them."""

    build: Project
    plan: Project
    deploy: Mapping[str, Deploying]
    """By environment."""


def buildspec(name: str) -> str:
    """The commands of a project, as they stand in their file."""
    return (FOLDER / f"{name}.buildspec.yml").read_text(encoding="utf-8")


def add(draft: Draft, roles: Roles, holds: Store) -> Commands:
    """What runs before an approval has another role than what runs after it."""
    return Commands(
        build=_project(draft, "build", roles.build, holds),
        plan=_project(draft, "plan", roles.plan, holds),
        deploy={
            name: Deploying(
                _project(draft, "home_region", role, holds, name),
                _project(draft, "rest", role, holds, name),
            )
            for name, role in roles.deploy.items()
        },
    )


def _project(
    draft: Draft, purpose: str, role: Role, holds: Store, environment: str = ""
) -> Project:
    title = "".join(part.capitalize() for part in purpose.split("_")) + environment.capitalize()
    name = names.pipeline_project(draft.settings, purpose, environment)
    stream = name.removeprefix(names.pipeline(draft.settings) + "-")
    logs = CloudWatchLogs(Status="ENABLED", GroupName=Ref(holds.logs), StreamName=stream)
    return draft.add(
        Project(
            f"{title}Project",
            Name=name,
            Description=f"{draft.settings.prefix}: {purpose}.buildspec.yml",
            ServiceRole=GetAtt(role, "Arn"),
            Source=Source(Type="CODEPIPELINE", BuildSpec=buildspec(purpose)),
            Artifacts=Artifacts(Type="CODEPIPELINE"),
            Environment=_machine(draft),
            EncryptionKey=GetAtt(holds.key, "Arn"),
            LogsConfig=LogsConfig(CloudWatchLogs=logs),
            TimeoutInMinutes=ROLLOUT_MINUTES if environment else LOOK_MINUTES,
            QueuedTimeoutInMinutes=QUEUED_MINUTES,
        )
    )


def _machine(draft: Draft) -> Environment:
    """A container without Docker inside, and so without privileges.

    https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
    """
    image = Tunable(
        "BuildImage",
        "Build image",
        "CodeBuild's curated image for arm64; it must have Python 3.11 or newer, and make.",
        default="aws/codebuild/amazonlinux-aarch64-standard:3.0",
        cost="Free: CodeBuild's own images cost nothing.",
    )
    size = Tunable(
        "BuildComputeType",
        "Build machine",
        "Memory is what the checks need: 4 GB are enough.",
        default="BUILD_GENERAL1_SMALL",
        choices=("BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"),
        cost="Per minute of a build: the next size doubles it.",
    )
    return Environment(
        Type="ARM_CONTAINER",
        Image=draft.tune(image),
        ComputeType=draft.tune(size),
        ImagePullCredentialsType="CODEBUILD",
        PrivilegedMode=False,
    )
