from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report, resources, values


class GlobalDatabasesKeepTheirPassword(CloudFormationLintRule):
    """RDS does not manage the administrator's password of a global database."""

    id = "E9124"
    shortdesc = "Global databases have no managed password"
    description = (
        "A database cluster with a GlobalClusterIdentifier has no ManageMasterUserPassword true."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html"
    )
    tags = layer_tags("aurora")
    risk = "RDS refuses the cluster, or the second Region's, when the stack is made."
    fix = "Give MasterUserPassword from a secret of the template's, and rotate it by a function."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "RDS manages no password of a cluster in a global database")
            for cluster in resources(cfn, "AWS::RDS::DBCluster")
            if any(name is not None for name in values(cfn, cluster, "GlobalClusterIdentifier"))
            for spot in find(cfn, cluster, "ManageMasterUserPassword")
            if not differs(spot.value, True)
        ]
