"""The stages: Source, Build, then one for each environment.

An environment is one stage, because CodePipeline lets one execution into a stage at a time: what
was planned and approved holds for what stood then, and nothing else may roll out in between.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from troposphere import Ref
from troposphere.codebuild import Project
from troposphere.codepipeline import (
    Actions,
    ActionTypeId,
    FailureConditions,
    InputArtifacts,
    OutputArtifacts,
    RetryConfiguration,
    Stages,
)
from troposphere.sns import Topic

from generator import names
from generator.layers.draft import Expression, sub
from generator.layers.pipeline.projects import Commands
from generator.policies.pipeline import BUILD, HOME, PLAN, SOURCE
from generator.settings.model import Settings
from generator.settings.sections_delivery import Pipeline, Promotion

SOURCE_ACTION = "Checkout"
MANIFESTS = f"#{{{BUILD}.MANIFESTS}}"
"""What the build exports: `SHA-256 path` of each environment's manifest, in one line."""
APPROVAL_MINUTES = 3 * 24 * 60
"""A plan that is older seldom holds, and the next push waits behind it."""


def every(settings: Settings, chosen: Pipeline, commands: Commands, topic: Topic) -> list[Stages]:
    """All of them, in order."""
    promotions = [_promotion(settings, each, commands, topic) for each in chosen.promotes]
    return [_source(chosen), _build(chosen, commands), *promotions]


def _source(chosen: Pipeline) -> Stages:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html"""
    action = Actions(
        Name=SOURCE_ACTION,
        ActionTypeId=_type("Source", "CodeStarSourceConnection"),
        Configuration={
            "ConnectionArn": chosen.connection_arn,
            "FullRepositoryId": chosen.repository,
            "BranchName": chosen.branch,
            "OutputArtifactFormat": "CODE_ZIP",
            # The pipeline's trigger starts it.
            "DetectChanges": "false",
        },
        OutputArtifacts=[OutputArtifacts(Name=SOURCE)],
    )
    return Stages(Name="Source", Actions=[action])


def _build(chosen: Pipeline, commands: Commands) -> Stages:
    """Tried once more where it fails: it fetches packages, and changes nothing that stands."""
    environments = " ".join(promotion.environment for promotion in chosen.promotes)
    return Stages(
        Name="Build",
        Actions=[
            _run("Build", commands.build, SOURCE, BUILD, BUILD, {"ENVIRONMENTS": environments})
        ],
        OnFailure=FailureConditions(
            Result="RETRY", RetryConfiguration=RetryConfiguration(RetryMode="FAILED_ACTIONS")
        ),
    )


def _promotion(
    settings: Settings, promotion: Promotion, commands: Commands, topic: Topic
) -> Stages:
    actions = list(_actions(settings, promotion, commands, topic))
    for order, action in enumerate(actions, 1):
        action.RunOrder = order
    return Stages(Name=promotion.environment, Actions=actions)


def _actions(
    settings: Settings, promotion: Promotion, commands: Commands, topic: Topic
) -> Iterator[Actions]:
    name = promotion.environment
    told = {
        "ENVIRONMENT": name,
        "MANIFESTS": MANIFESTS,
        "DEPLOYER": names.deployer_arn(settings, name),
    }
    planned, home = f"{PLAN}_{name}", f"{HOME}_{name}"
    yield _run("Plan", commands.plan, BUILD, planned, planned, told)
    if promotion.approval:
        yield _approval(name, planned, topic)
    yield _run("HomeRegion", commands.home_region, planned, home, home, told)
    yield _run("Rest", commands.rest, home, None, f"Rest_{name}", told)


def _approval(environment: str, planned: str, topic: Topic) -> Actions:
    """The plan in one line, and where all of it is: the log of the action that made it."""
    return Actions(
        Name="Approve",
        ActionTypeId=_type("Approval", "Manual"),
        Configuration={
            "NotificationArn": Ref(topic),
            "CustomData": f"{environment}: #{{{planned}.SUMMARY}}",
            "ExternalEntityLink": f"#{{{planned}.LOG}}",
        },
        TimeoutInMinutes=APPROVAL_MINUTES,
    )


def _run(
    name: str,
    project: Project,
    source: str,
    artifact: str | None,
    namespace: str,
    variables: Mapping[str, str],
) -> Actions:
    outputs = {"OutputArtifacts": [OutputArtifacts(Name=artifact)]} if artifact else {}
    return Actions(
        Name=name,
        ActionTypeId=_type("Build", "CodeBuild"),
        Configuration={
            "ProjectName": Ref(project),
            "EnvironmentVariables": _variables(variables),
        },
        InputArtifacts=[InputArtifacts(Name=source)],
        Namespace=namespace,
        **outputs,
    )


def _variables(values: Mapping[str, str]) -> Expression:
    """As the action takes them: JSON in a text.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
    """
    text = json.dumps([{"name": key, "value": value} for key, value in values.items()])
    return sub(text) if "${" in text else text


def _type(category: str, provider: str) -> ActionTypeId:
    return ActionTypeId(Category=category, Owner="AWS", Provider=provider, Version="1")
