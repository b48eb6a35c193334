from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    differs,
    find,
    layer_tags,
    report,
    resources,
)

TABLE = {"SSEEnabled": True, "SSEType": "KMS"}


class ReplicasUseOurKey(CloudFormationLintRule):
    """A global table is under the platform's key in each of its regions."""

    id = "E9063"
    shortdesc = "Replicas use the platform's key"
    description = (
        "SSESpecification has SSEEnabled true and SSEType KMS; each replica names its"
        " KMSMasterKeyId."
    )
    source_url = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html"
    )
    tags = layer_tags("database")
    risk = "Under AWS's own key nobody can restrict, audit or revoke who decrypts the table."
    fix = (
        "State SSESpecification for the table, and the region's replica key as KMSMasterKeyId in"
        " each replica."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        tables = resources(cfn, "AWS::DynamoDB::GlobalTable")
        return [found for table in tables for found in _check(cfn, table)]


def _check(cfn: Template, table: Spot) -> Iterator[RuleMatch]:
    for key, wanted in TABLE.items():
        for spot in find(cfn, table, "SSESpecification", key):
            if differs(spot.value, wanted):
                yield report(spot, f"SSESpecification.{key} must be {wanted!s}")
    for spot in find(cfn, table, "Replicas", EACH, "SSESpecification", "KMSMasterKeyId"):
        if spot.value is None:
            yield report(spot, "SSESpecification.KMSMasterKeyId is missing in a replica")
