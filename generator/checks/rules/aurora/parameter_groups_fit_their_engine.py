from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    target,
    values,
)


class ParameterGroupsFitTheirEngine(CloudFormationLintRule):
    """A cluster and its parameter group are of one engine and one major version."""

    id = "E9126"
    shortdesc = "Parameter groups fit their engine"
    description = (
        "An Aurora PostgreSQL cluster of version N.x has a parameter group of the family"
        " aurora-postgresqlN."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "USER_WorkingWithParamGroups.CreatingCluster.html"
    )
    tags = layer_tags("aurora")
    risk = "RDS refuses the cluster, and the stack fails after everything before it was made."
    fix = "Change Family with the major version: a new parameter group is made for the upgrade."

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = {one.name: one for one in resources(cfn, "AWS::RDS::DBClusterParameterGroup")}
        return [
            report(spot, f"Family is {family}, and version {spot.value} needs {needed}")
            for cluster in resources(cfn, "AWS::RDS::DBCluster")
            if (group := groups.get(target(cluster.value.get("DBClusterParameterGroupName"))))
            for family in values(cfn, group, "Family")
            for spot in find(cfn, cluster, "EngineVersion")
            if (needed := _needed(cfn, cluster, spot)) and not is_unknown(family)
            if family != needed
        ]


def _needed(cfn: Template, cluster: Spot, version: Spot) -> str:
    """The family of an Aurora PostgreSQL version; empty where that is not known."""
    is_aurora = "aurora-postgresql" in values(cfn, cluster, "Engine")
    known = isinstance(version.value, str | int | float)
    return f"aurora-postgresql{str(version.value).split('.')[0]}" if is_aurora and known else ""
