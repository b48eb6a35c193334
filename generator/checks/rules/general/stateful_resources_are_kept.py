from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, bodies, differs, find, layer_tags, report

STATEFUL = (
    "AWS::Backup::BackupVault",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Route53::HostedZone",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
)
# RetainExceptOnCreate lets the roll-back of a first creation clean up; it exists for deletion only.
KEEPING = {
    "DeletionPolicy": ("Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Retain", "Snapshot"),
}


class StatefulResourcesAreKept(CloudFormationLintRule):
    """What holds data, keys or names outlives the stack and its own replacement."""

    id = "E9001"
    shortdesc = "Stateful resources are kept"
    description = (
        "A stateful resource has a DeletionPolicy and an UpdateReplacePolicy that keep it or"
        " snapshot it."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-attribute-deletionpolicy.html"
    )
    tags = layer_tags("general")
    risk = "Deleting the stack, or a change that replaces the resource, destroys its data for good."
    fix = (
        "Set DeletionPolicy and UpdateReplacePolicy to Retain (or Snapshot where the service makes"
        " one)."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{attribute} must be one of {', '.join(allowed)}")
            for body in bodies(cfn, *STATEFUL)
            if not _is_a_member(body)
            for attribute, allowed in KEEPING.items()
            for spot in find(cfn, body, attribute)
            if differs(spot.value, *allowed)
        ]


def _is_a_member(body: Spot) -> bool:
    """Whether it is an instance of a database cluster: the cluster holds the rows."""
    properties = body.value.get("Properties")
    is_instance = body.value["Type"] == "AWS::RDS::DBInstance"
    return is_instance and isinstance(properties, dict) and "DBClusterIdentifier" in properties
