"""Who does what in the pipeline: one role a principal, none with a right on the platform.

The pipeline moves artifacts and starts builds. The build reads the source and writes what it built.
Only the deploying projects may take the deployer roles, of the environments that the settings name,
and nothing else; what those may do is the foundation's to say.

An artifact lies below `<pipeline>/<artifact>/`, each cut (to 20 and 10 characters), so patterns of
how the artifacts' names begin keep a build from replacing what was planned.
https://docs.aws.amazon.com/codepipeline/latest/userguide/security-iam.html
"""

from __future__ import annotations

from collections.abc import Sequence

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
from generator.policies.keys import key_policy
from generator.policies.logging import log_encryption
from generator.policies.statements import Grant, Resource, allow, role
from generator.settings.model import Settings
from generator.settings.sections_delivery import Pipeline

CODEPIPELINE, CODEBUILD = "codepipeline.amazonaws.com", "codebuild.amazonaws.com"
EVENTS = "events.amazonaws.com"

SOURCE, BUILD = "Source", "Build"
PLAN, HOME = "Plan", "Home"
"""How artifacts are named; those of an environment go on with its name."""


def service_role(settings: Settings, pipeline: Pipeline, key: Resource, topic: Resource) -> Role:
    """The pipeline's own: fetches the source, starts builds, asks for approval."""
    projects = [Sub(_here("codebuild", f"project/{names.pipeline(settings)}-*"))]
    bucket = Sub("arn:${AWS::Partition}:s3:::" + names.pipeline_bucket(settings))
    grants = [
        allow("Connection", [_use_connection(pipeline)], [pipeline.connection_arn]),
        allow("Projects", [codebuild.BatchGetBuilds, codebuild.StartBuild], projects),
        allow("Bucket", [s3.GetBucketLocation, s3.GetBucketVersioning], [bucket]),
        *_artifacts(settings, key, reads=("",), writes=("",)),
        allow("Ask", [sns.Publish], [topic]),
    ]
    trust = _trust(CODEPIPELINE, _here("codepipeline", names.pipeline(settings)))
    return _role(settings, "ServiceRole", "service", trust, grants)


def build_role(settings: Settings, key: Resource) -> Role:
    """The build's: it runs what was pushed, and so may do the least."""
    grants = [
        *_artifacts(settings, key, reads=(f"{SOURCE}/",), writes=(f"{BUILD}/",)),
        _logs(settings),
    ]
    return _role(settings, "BuildRole", "build", _projects_trust(settings), grants)


def deploy_role(settings: Settings, pipeline: Pipeline, key: Resource) -> Role:
    """What plans and deploys: it takes the deployer roles of the environments, by name."""
    environments = [promotion.environment for promotion in pipeline.promotes]
    deployers = [Sub(names.deployer_arn(settings, name)) for name in environments]
    grants = [
        *_artifacts(settings, key, reads=(BUILD, PLAN, HOME), writes=(PLAN, HOME)),
        _logs(settings),
        allow("Deployers", [sts.AssumeRole], deployers),
    ]
    return _role(settings, "DeployRole", "deploy", _projects_trust(settings), grants)


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
    """Objects whose artifact's name begins so, and the key that encrypts them."""
    objects = f"arn:${{AWS::Partition}}:s3:::{names.pipeline_bucket(settings)}/*"
    read, written = (
        [Sub(f"{objects}/{start}*" if start else objects) for start in starts]
        for starts in (reads, writes)
    )
    return [
        allow("ReadArtifacts", [s3.GetObject, s3.GetObjectVersion], read),
        allow("WriteArtifacts", [s3.PutObject], written),
        allow("ArtifactKey", [kms.Decrypt, Action("kms", "GenerateDataKey*")], [key]),
    ]


def _logs(settings: Settings) -> Grant:
    streams = _here("logs", f"log-group:/{names.pipeline(settings)}:log-stream:*")
    return allow("Logs", [logs.CreateLogStream, logs.PutLogEvents], [Sub(streams)])


def _projects_trust(settings: Settings) -> PolicyDocument:
    return _trust(CODEBUILD, _here("codebuild", f"project/{names.pipeline(settings)}-*"))


def _trust(service: str, source: str) -> PolicyDocument:
    """The service, on behalf of this account's own pipeline or projects.

    https://docs.aws.amazon.com/codebuild/latest/userguide/cross-service-confused-deputy-prevention.html
    """
    own = StringEquals({"aws:SourceAccount": Ref("AWS::AccountId")})
    statement = Statement(
        Effect=Allow,
        Principal=Principal("Service", service),
        Action=[sts.AssumeRole],
        Condition=Condition([own, ArnLike({"aws:SourceArn": Sub(source)})]),
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
