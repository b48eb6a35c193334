from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report, resources


class ClustersLetIamIn(CloudFormationLintRule):
    """Applications connect to a database with IAM, not with a password."""

    id = "E9123"
    shortdesc = "Database clusters take IAM tokens"
    description = "A database cluster has EnableIAMDatabaseAuthentication true."
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.html"
    )
    tags = layer_tags("aurora")
    risk = "Without it every application needs a password that somebody has to keep and to change."
    fix = "Set EnableIAMDatabaseAuthentication to true, and grant rds-db:connect to the role."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "EnableIAMDatabaseAuthentication must be true")
            for cluster in resources(cfn, "AWS::RDS::DBCluster")
            for spot in find(cfn, cluster, "EnableIAMDatabaseAuthentication")
            if differs(spot.value, True)
        ]
