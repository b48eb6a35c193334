"""Pipeline: AWS CodePipeline builds once, and rolls that out to one environment after another.

    Source → Build → staging: Plan → Approve → HomeRegion → Rest → prod: Plan → Approve → …

What it runs are the commands that a person types, in `*.buildspec.yml`. The build says the SHA-256
of each environment's manifest; every later command demands it, so what was reviewed in one
environment is what the next one gets. Plan says the SHA-256 of its plan, which is approved, and the
actions after the approval demand that one. Who acts before it may only look: see `policies`. The
environments stand in this account: the deployer roles trust their own.

An administrator's stack, as everything that says who may deploy: see `foundation`.
"""

from __future__ import annotations

from troposphere import GetAtt, Ref
from troposphere.codepipeline import (
    ArtifactStore,
    EncryptionKey,
    GitBranchFilterCriteria,
    GitConfiguration,
    GitPushFilter,
    PipelineTriggerDeclaration,
)
from troposphere.codepipeline import Pipeline as CodePipeline
from troposphere.iam import Role

from generator import names
from generator.layers.draft import Draft, Layer, Offer, Scope
from generator.layers.pipeline import notifications, projects, stages, store
from generator.layers.pipeline.projects import Roles
from generator.layers.pipeline.store import Store
from generator.policies import pipeline as policies
from generator.settings.sections_delivery import Pipeline

PIPELINE_NAME = Offer(
    "PipelineName", "The pipeline, in CodePipeline's console.", scope=Scope.HOME, published=True
)


def fill(draft: Draft) -> None:
    """Where artifacts lie, who is told, who works, on what, in which order."""
    settings, chosen = draft.settings, draft.settings.pipeline
    assert chosen is not None
    holds = store.add(draft)
    topic = notifications.add(draft, holds.key)
    key = GetAtt(holds.key, "Arn")
    service = draft.add(policies.service_role(settings, chosen, key, Ref(topic)))
    roles = Roles(
        build=draft.add(policies.build_role(settings, key)),
        plan=draft.add(policies.plan_role(settings, chosen, key)),
        deploy={
            each.environment: draft.add(
                policies.deploy_role(settings, chosen, each.environment, key)
            )
            for each in chosen.promotes
        },
    )
    commands = projects.add(draft, roles, holds)
    made = draft.add(_pipeline(draft, chosen, service, holds))
    made.Stages = stages.every(settings, chosen, commands, topic)
    draft.offer(PIPELINE_NAME, Ref(made))


def _pipeline(draft: Draft, chosen: Pipeline, service: Role, holds: Store) -> CodePipeline:
    """One execution after another: a second one waits before a stage until the first has left it.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
    """
    pushed = GitPushFilter(Branches=GitBranchFilterCriteria(Includes=[chosen.branch]))
    return CodePipeline(
        "Pipeline",
        Name=names.pipeline(draft.settings),
        PipelineType="V2",
        ExecutionMode="QUEUED",
        RoleArn=GetAtt(service, "Arn"),
        ArtifactStore=ArtifactStore(
            Type="S3",
            Location=Ref(holds.bucket),
            EncryptionKey=EncryptionKey(Type="KMS", Id=GetAtt(holds.key, "Arn")),
        ),
        Triggers=[
            PipelineTriggerDeclaration(
                ProviderType="CodeStarSourceConnection",
                GitConfiguration=GitConfiguration(
                    SourceActionName=stages.SOURCE_ACTION, Push=[pushed]
                ),
            )
        ],
    )


LAYER = Layer(
    name="pipeline",
    step="",
    purpose="Builds once and rolls out from environment to environment by AWS CodePipeline",
    scope=Scope.HOME,
    fill=fill,
    after=("foundation",),
    wanted=lambda settings: settings.pipeline is not None,
    bounded=False,
)
