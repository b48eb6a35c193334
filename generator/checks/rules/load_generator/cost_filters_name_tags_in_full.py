import re

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import EACH, find, layer_tags, report, resources

IN_FULL = re.compile(r"^(user|aws):[^$]+\$.+$")


class CostFiltersNameTagsInFull(CloudFormationLintRule):
    """A budget's filter by tag is written as the billing console writes it."""

    id = "E9152"
    shortdesc = "Cost filters name tags in full"
    description = "Each TagKeyValue of a budget's CostFilters is user:KEY$VALUE, or aws:KEY$VALUE."
    source_url = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html"
    tags = layer_tags("load_generator")
    risk = "The filter meets no cost at all: the budget reads zero, and its alarm never sounds."
    fix = "Write user:KEY$VALUE for a tag of your own, and activate it for cost allocation."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{spot.value} names no tag: write user:KEY$VALUE")
            for budget in resources(cfn, "AWS::Budgets::Budget")
            for spot in find(cfn, budget, "Budget", "CostFilters", "TagKeyValue", EACH)
            if isinstance(spot.value, str) and not IN_FULL.match(spot.value)
        ]
