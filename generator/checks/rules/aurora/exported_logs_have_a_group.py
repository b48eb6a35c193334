from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)


class ExportedLogsHaveAGroup(CloudFormationLintRule):
    """The log group of a database is made by the template, not by RDS."""

    id = "E9125"
    shortdesc = "Exported database logs have a group"
    description = (
        "For each log that a named cluster exports, the template has the log group"
        " /aws/rds/cluster/NAME/LOG."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
        "AuroraPostgreSQL.CloudWatch.html"
    )
    tags = layer_tags("aurora")
    risk = "RDS makes the group itself then: without our key, and kept for ever."
    fix = "Add the AWS::Logs::LogGroup, with key and retention, and let the cluster depend on it."

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = {
            name
            for group in resources(cfn, "AWS::Logs::LogGroup")
            for name in values(cfn, group, "LogGroupName")
            if isinstance(name, str)
        }
        return [
            report(cluster, f"{name} is exported to, and no log group of the template")
            for cluster in resources(cfn, "AWS::RDS::DBCluster")
            for identifier in values(cfn, cluster, "DBClusterIdentifier")
            for log in values(cfn, cluster, "EnableCloudwatchLogsExports", EACH)
            if isinstance(identifier, str) and not is_unknown(log)
            if (name := f"/aws/rds/cluster/{identifier}/{log}") not in groups
        ]
