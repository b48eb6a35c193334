"""The CodeBuild projects: one for each file of commands beside this module."""

from __future__ import annotations

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


class Roles(NamedTuple):
    """In whose name the projects run."""

    build: Role
    deploy: Role


class Commands(NamedTuple):
    """The projects, as stages name them."""

    build: Project
    plan: Project
    home_region: Project
    rest: Project


def buildspec(name: str) -> str:
    """The commands of a project, as they stand in their file."""
    return (FOLDER / f"{name}.buildspec.yml").read_text(encoding="utf-8")


def add(draft: Draft, roles: Roles, holds: Store) -> Commands:
    """What runs what was pushed has another role than what runs what was built."""
    return Commands(
        build=_project(draft, "build", roles.build, holds, minutes=60),
        plan=_project(draft, "plan", roles.deploy, holds, minutes=60),
        home_region=_project(draft, "home_region", roles.deploy, holds, minutes=480),
        rest=_project(draft, "rest", roles.deploy, holds, minutes=480),
    )


def _project(draft: Draft, name: str, role: Role, holds: Store, minutes: int) -> Project:
    title = "".join(part.capitalize() for part in name.split("_"))
    suffix = name.replace("_", "-")
    logs = CloudWatchLogs(Status="ENABLED", GroupName=Ref(holds.logs), StreamName=suffix)
    return draft.add(
        Project(
            f"{title}Project",
            Name=f"{names.pipeline(draft.settings)}-{suffix}",
            Description=f"{draft.settings.prefix}: {name}.buildspec.yml",
            ServiceRole=GetAtt(role, "Arn"),
            Source=Source(Type="CODEPIPELINE", BuildSpec=buildspec(name)),
            Artifacts=Artifacts(Type="CODEPIPELINE"),
            Environment=_machine(draft),
            EncryptionKey=GetAtt(holds.key, "Arn"),
            LogsConfig=LogsConfig(CloudWatchLogs=logs),
            TimeoutInMinutes=minutes,
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
