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
from generator.policies.pipeline import BUILD, SOURCE, artifacts_of
from generator.settings.model import Settings
from generator.settings.sections_delivery import Pipeline, Promotion

SOURCE_ACTION = "Checkout"
MANIFESTS = f"#{{{BUILD}.MANIFESTS}}"
"""What the build exports: `SHA-256 path` of each environment's manifest, in one line."""
APPROVAL_MINUTES = 3 * 24 * 60
"""A plan that is older seldom holds, and the next push waits behind it."""


def every(settings: Settings, chosen: Pipeline, commands: Commands, topic: Topic) -> list[Stages]:
    """All of them, in order."""
    promotions = [_promotion(settings, chosen, each, commands, topic) for each in chosen.promotes]
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
        Actions=[_run("Build", commands.build, SOURCE, BUILD, {"ENVIRONMENTS": environments})],
        OnFailure=FailureConditions(
            Result="RETRY", RetryConfiguration=RetryConfiguration(RetryMode="FAILED_ACTIONS")
        ),
    )


def _promotion(
    settings: Settings, chosen: Pipeline, promotion: Promotion, commands: Commands, topic: Topic
) -> Stages:
    actions = list(_actions(settings, chosen, promotion, commands, topic))
    for order, action in enumerate(actions, 1):
        action.RunOrder = order
    return Stages(Name=promotion.environment, Actions=actions)


def _actions(
    settings: Settings, chosen: Pipeline, promotion: Promotion, commands: Commands, topic: Topic
) -> Iterator[Actions]:
    """Each is told the plan that the one before it ended with: the approved one, then its rest."""
    name = promotion.environment
    own, deploying = artifacts_of(chosen)[name], commands.deploy[name]
    told = {"ENVIRONMENT": name, "MANIFESTS": MANIFESTS}
    yield _run("Plan", commands.plan, BUILD, own.plan, told)
    if promotion.approval:
        yield _approval(name, own.plan, topic)
    told["DEPLOYER"] = names.deployer_arn(settings, name)
    planned = told | {"PLAN_SHA256": f"#{{{own.plan}.PLAN_SHA256}}"}
    yield _run("HomeRegion", deploying.home_region, own.plan, own.home, planned)
    rest = told | {"PLAN_SHA256": f"#{{{own.home}.REST_SHA256}}"}
    yield _run("Rest", deploying.rest, own.home, None, rest)


def _approval(environment: str, planned: str, topic: Topic) -> Actions:
    """The plan in one line, which one it is, and where all of it is: the log of what made it."""
    return Actions(
        Name="Approve",
        ActionTypeId=_type("Approval", "Manual"),
        Configuration={
            "NotificationArn": Ref(topic),
            "CustomData": f"{environment}: #{{{planned}.SUMMARY}}; "
            f"plan SHA-256 #{{{planned}.PLAN_SHA256}}",
            "ExternalEntityLink": f"#{{{planned}.LOG}}",
        },
        TimeoutInMinutes=APPROVAL_MINUTES,
    )


def _run(
    name: str, project: Project, source: str, artifact: str | None, variables: Mapping[str, str]
) -> Actions:
    """A run of a project. What it exports is known by the name of the artifact that it makes."""
    made = (
        {"OutputArtifacts": [OutputArtifacts(Name=artifact)], "Namespace": artifact}
        if artifact
        else {}
    )
    return Actions(
        Name=name,
        ActionTypeId=_type("Build", "CodeBuild"),
        Configuration={
            "ProjectName": Ref(project),
            "EnvironmentVariables": _variables(variables),
        },
        InputArtifacts=[InputArtifacts(Name=source)],
        **made,
    )


def _variables(values: Mapping[str, str]) -> Expression:
    """As the action takes them: JSON in a text.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html
    """
    text = json.dumps([{"name": key, "value": value} for key, value in values.items()])
    return sub(text) if "${" in text else text


def _type(category: str, provider: str) -> ActionTypeId:
    return ActionTypeId(Category=category, Owner="AWS", Provider=provider, Version="1")
