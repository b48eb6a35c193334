"""Who does what in the pipeline: one role a principal, none with a right on the platform.

The pipeline moves artifacts and starts builds. The build reads the source and writes what it built.
Planning looks at what stands, in every environment, and changes nothing. Each environment has a
deploying role of its own, which may take that environment's deployer role and nothing else; what
that may do is the foundation's to say. So what was pushed has a right on an environment only in
the actions that follow its approval, or in an environment that asks for none.

An artifact lies below `<pipeline>/<artifact>/`, each cut (to 20 and 10 characters). So artifacts
have short names, which survive the cut, and a role reads and writes whole ones.
https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from awacs import codebuild, codeconnections, codestar_connections, kms, logs, s3, sns, sts
from awacs.aws import (
    Action,
    Allow,
    ArnEquals,
    ArnLike,
    Bool,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from troposphere import Ref, Sub
from troposphere.iam import Role

from generator import names
from generator.policies import looking
from generator.policies.keys import key_policy
from generator.policies.logging import log_encryption
from generator.policies.statements import Grant, Resource, allow, role
from generator.settings.model import Settings
from generator.settings.sections_delivery import Pipeline

CODEPIPELINE, CODEBUILD = "codepipeline.amazonaws.com", "codebuild.amazonaws.com"
EVENTS = "events.amazonaws.com"

SOURCE, BUILD = "Source", "Build"


class Artifacts(NamedTuple):
    """What an environment's actions hand on; their variables have the same names."""

    plan: str
    home: str


def artifacts_of(chosen: Pipeline) -> dict[str, Artifacts]:
    """By environment: numbered, as ten characters do not tell every two environments apart."""
    return {
        promotion.environment: Artifacts(f"Plan{order:02}", f"Home{order:02}")
        for order, promotion in enumerate(chosen.promotes, 1)
    }


def service_role(settings: Settings, pipeline: Pipeline, key: Resource, topic: Resource) -> Role:
    """The pipeline's own: fetches the source, starts builds, asks for approval."""
    projects = [Sub(_here("codebuild", f"project/{names.pipeline(settings)}-*"))]
    grants = [
        allow("Connection", [_use_connection(pipeline)], [pipeline.connection_arn]),
        allow("Projects", [codebuild.BatchGetBuilds, codebuild.StartBuild], projects),
        allow("Bucket", [s3.GetBucketLocation, s3.GetBucketVersioning], [Sub(_bucket(settings))]),
        *_artifacts(settings, key, reads=("",), writes=("",)),
        allow("Ask", [sns.Publish], [topic]),
    ]
    trust = _trust(CODEPIPELINE, _here("codepipeline", names.pipeline(settings)))
    return _role(settings, "ServiceRole", "service", trust, grants)


def build_role(settings: Settings, key: Resource) -> Role:
    """The build's: it runs what was pushed, and so may do the least."""
    grants = [*_artifacts(settings, key, reads=(SOURCE,), writes=(BUILD,)), *_running(settings)]
    trust = _projects_trust(names.pipeline_project(settings, "build"))
    return _role(settings, "BuildRole", "build", trust, grants)


def plan_role(settings: Settings, chosen: Pipeline, key: Resource) -> Role:
    """Planning's: it runs what was pushed before anybody approved, and so it only looks."""
    every = artifacts_of(chosen)
    grants = [
        *_artifacts(settings, key, reads=(BUILD,), writes=[each.plan for each in every.values()]),
        *_running(settings),
        *looking.grants(settings, list(every)),
    ]
    trust = _projects_trust(names.pipeline_project(settings, "plan"))
    return _role(settings, "PlanRole", "plan", trust, grants)


def deploy_role(settings: Settings, chosen: Pipeline, environment: str, key: Resource) -> Role:
    """An environment's own, for what follows its approval: it takes that one deployer role."""
    own = artifacts_of(chosen)[environment]
    grants = [
        *_artifacts(settings, key, reads=own, writes=(own.home,)),
        *_running(settings),
        allow("Deployer", [sts.AssumeRole], [Sub(names.deployer_arn(settings, environment))]),
    ]
    projects = [
        names.pipeline_project(settings, purpose, environment)
        for purpose in ("home_region", "rest")
    ]
    title = f"Deploy{environment.capitalize()}Role"
    return _role(settings, title, f"deploy-{environment}", _projects_trust(*projects), grants)


def _role(
    settings: Settings, title: str, purpose: str, trust: PolicyDocument, grants: list[Grant]
) -> Role:
    """Named, so that the deployer's trust may be narrowed to it and provisioning kept off it."""
    name = names.delivery_role(settings, f"pipeline-{purpose}")
    return role(title, trust, grants, name=name)


def _use_connection(pipeline: Pipeline) -> Action:
    """CodeConnections was CodeStar Connections: the action has the name that is in the ARN."""
    if ":codestar-connections:" in pipeline.connection_arn:
        return codestar_connections.UseConnection
    return codeconnections.UseConnection


def _artifacts(
    settings: Settings, key: Resource, reads: Sequence[str], writes: Sequence[str]
) -> list[Grant]:
    """Objects of these artifacts (of all, without a name), and the key that encrypts them."""
    objects = f"{_bucket(settings)}/*"
    read, written = (
        [Sub(f"{objects}/{artifact}/*" if artifact else objects) for artifact in artifacts]
        for artifacts in (reads, writes)
    )
    return [
        allow("ReadArtifacts", [s3.GetObject, s3.GetObjectVersion], read),
        allow("WriteArtifacts", [s3.PutObject], written),
        allow("ArtifactKey", [kms.Decrypt, Action("kms", "GenerateDataKey*")], [key]),
    ]


def _running(settings: Settings) -> list[Grant]:
    """What CodeBuild asks of every project's role: whose the bucket is, and a place for its log.

    https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    """
    streams = _here("logs", f"log-group:/{names.pipeline(settings)}:log-stream:*")
    whose = [s3.GetBucketAcl, s3.GetBucketLocation]
    return [
        allow("PipelineBucket", whose, [Sub(_bucket(settings))]),
        allow("Logs", [logs.CreateLogStream, logs.PutLogEvents], [Sub(streams)]),
    ]


def _bucket(settings: Settings) -> str:
    return "arn:${AWS::Partition}:s3:::" + names.pipeline_bucket(settings)


def _projects_trust(*projects: str) -> PolicyDocument:
    return _trust(CODEBUILD, *(_here("codebuild", f"project/{name}") for name in projects))


def _trust(service: str, *sources: str) -> PolicyDocument:
    """The service, on behalf of this account's own pipeline or projects.

    https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    own = StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")})
    statement = Statement(
        Effect=Allow,
        Principal=Principal("Service", service),
        Action=[sts.AssumeRole],
        Condition=Condition([own, ArnLike({"aws:SourceArn": [Sub(source) for source in sources]})]),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[statement])


# --- key and topic --------------------------------------------------------------------------------


def pipeline_key(settings: Settings) -> PolicyDocument:
    """Artifacts by the roles' own policies; logs and notifications by the services that write them.

    EventBridge sends KMS no account, so the topic in the encryption context is what narrows it.
    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    topic = Sub(_here("sns", names.pipeline(settings)))
    of_topic = StringEquals({"kms:EncryptionContext:aws:sns:topicArn": topic})
    notifications = Statement(
        Sid="EncryptNotifications",
        Effect=Allow,
        Principal=Principal("Service", EVENTS),
        Action=[kms.Decrypt, Action("kms", "GenerateDataKey*")],
        Resource=["*"],
        Condition=Condition(of_topic),
    )
    return key_policy(log_encryption(), notifications)


def topic_policy(topic: Resource, rule: Resource) -> PolicyDocument:
    """One rule of EventBridge publishes; nobody does so without TLS."""
    publishing = Statement(
        Sid="PublishFailures",
        Effect=Allow,
        Principal=Principal("Service", EVENTS),
        Action=[sns.Publish],
        Resource=[topic],
        Condition=Condition(ArnEquals({"aws:SourceArn": rule})),
    )
    transport = Statement(
        Sid="DenyPlainTransport",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[sns.Publish],
        Resource=[topic],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[publishing, transport])


def _here(service: str, resource: str) -> str:
    return f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
