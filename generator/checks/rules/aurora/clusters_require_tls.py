from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    differs,
    layer_tags,
    report,
    resources,
    target,
    values,
)

FORCED = "rds.force_ssl"


class ClustersRequireTls(CloudFormationLintRule):
    """A PostgreSQL cluster refuses connections without TLS."""

    id = "E9121"
    shortdesc = "Database clusters require TLS"
    description = (
        "An Aurora PostgreSQL cluster names a cluster parameter group of its template that has"
        " rds.force_ssl 1."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "AuroraPostgreSQL.Security.html"
    )
    tags = layer_tags("aurora")
    risk = "Older engine versions take plain connections: rows, passwords and tokens can be read."
    fix = (
        "Add an AWS::RDS::DBClusterParameterGroup with rds.force_ssl: 1, and name it in"
        " DBClusterParameterGroupName."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        forcing = {
            group.name
            for group in resources(cfn, "AWS::RDS::DBClusterParameterGroup")
            if not any(differs(one, 1) for one in values(cfn, group, "Parameters", FORCED))
        }
        return [
            report(cluster, f"no parameter group of the template has {FORCED} 1 for it")
            for cluster in resources(cfn, "AWS::RDS::DBCluster")
            if _is_postgresql(cfn, cluster)
            if target(cluster.value.get("DBClusterParameterGroupName")) not in forcing
        ]


def _is_postgresql(cfn: Template, cluster: Spot) -> bool:
    return any("postgres" in str(engine) for engine in values(cfn, cluster, "Engine"))
