from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)


class TablesListTheirOwnRegion(CloudFormationLintRule):
    """A global table has a replica where its stack is."""

    id = "E9061"
    shortdesc = "Global tables list their own region"
    description = (
        "Replicas name AWS::Region, or each of the regions that the template is linted for."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-dynamodb-globaltable.html"
    )
    tags = layer_tags("database")
    risk = "CloudFormation refuses a global table without a replica in the stack's own region."
    fix = "Make the first replica's Region a Ref to AWS::Region, and list the others by name."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(
                table,
                f"Replicas must list the stack's own region: {', '.join(absent)} is not among them",
            )
            for table in resources(cfn, "AWS::DynamoDB::GlobalTable")
            if (absent := _absent(cfn, table))
        ]


def _absent(cfn: Template, table: Spot) -> list[str]:
    listed: list[Any] = values(cfn, table, "Replicas", EACH, "Region")
    if any(
        is_unknown(region) for region in listed
    ):  # AWS::Region, or what only the deployment knows
        return []
    return [region for region in cfn.regions if region not in listed]
