"""Where IAM policy statements stand in a template."""

from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, find, resources, values

INLINE = ("Policies", EACH, "PolicyDocument")
DOCUMENT = ("PolicyDocument",)

IDENTITY_POLICIES: Mapping[str, tuple[str, ...]] = {
    "AWS::IAM::Role": INLINE,
    "AWS::IAM::User": INLINE,
    "AWS::IAM::Group": INLINE,
    "AWS::IAM::Policy": DOCUMENT,
    "AWS::IAM::ManagedPolicy": DOCUMENT,
    "AWS::IAM::RolePolicy": DOCUMENT,
    "AWS::IAM::UserPolicy": DOCUMENT,
    "AWS::IAM::GroupPolicy": DOCUMENT,
}
# An endpoint policy is left out: it limits what passes, and grants nothing.
RESOURCE_POLICIES: Mapping[str, tuple[str, ...]] = {
    "AWS::Backup::BackupVault": ("AccessPolicy",),
    "AWS::ECR::Repository": ("RepositoryPolicyText",),
    "AWS::KMS::Key": ("KeyPolicy",),
    "AWS::KMS::ReplicaKey": ("KeyPolicy",),
    "AWS::S3::BucketPolicy": DOCUMENT,
    "AWS::SNS::TopicPolicy": DOCUMENT,
    "AWS::SQS::QueuePolicy": DOCUMENT,
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy",),
}


def statements(cfn: Template, spot: Spot, document: tuple[str, ...], effect: str) -> Iterator[Spot]:
    """The statements with this effect in a resource's policy documents."""
    for statement in find(cfn, spot, *document, "Statement", EACH):
        if isinstance(statement.value, dict) and effect in values(cfn, statement, "Effect"):
            yield statement


def allowed_in(cfn: Template, tables: Mapping[str, tuple[str, ...]]) -> Iterator[Spot]:
    """Every Allow statement of the policies in a table."""
    for kind, document in tables.items():
        for spot in resources(cfn, kind):
            yield from statements(cfn, spot, document, "Allow")


def strings(cfn: Template, statement: Spot, key: str) -> list[Any]:
    """The literal entries of Action, Resource and the like, one or many."""
    return [one for one in values(cfn, statement, key, EACH) if isinstance(one, str)]
