from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import EACH, differs, find, layer_tags, report, resources

PROTECTIONS = (
    ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"),
    ("DeletionProtectionEnabled",),
)


class ReplicasAreProtected(CloudFormationLintRule):
    """Each replica can be restored, and can't be deleted by accident."""

    id = "E9062"
    shortdesc = "Replicas have PITR and deletion protection"
    description = "Every replica turns on PointInTimeRecoveryEnabled and DeletionProtectionEnabled."
    source_url = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html"
    tags = layer_tags("database")
    risk = (
        "A bad write is replicated everywhere within a second; without recovery there is no copy"
        " from before it."
    )
    fix = "Set both in each replica: they are per region and are not inherited."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{'.'.join(keys)} must be true in every replica")
            for table in resources(cfn, "AWS::DynamoDB::GlobalTable")
            for replica in find(cfn, table, "Replicas", EACH)
            for keys in PROTECTIONS
            for spot in find(cfn, replica, *keys)
            if differs(spot.value, True)
        ]
