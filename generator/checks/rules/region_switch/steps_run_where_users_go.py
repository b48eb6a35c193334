from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report
from generator.checks.rules.region_switch._plans import configurations, plans

RIGHT = ("activatingRegion", "activeRegion")


class StepsRunWhereUsersGo(CloudFormationLintRule):
    """A plan depends on nothing in the Region that is left."""

    id = "E9141"
    shortdesc = "Functions of a plan run in the Region that takes users"
    description = (
        "RegionToRun of a custom action Lambda step is activatingRegion (activeRegion after a"
        " recovery)."
    )
    source_url = "https://docs.aws.amazon.com/r53recovery/latest/dg/custom-action-lambda-block.html"
    tags = layer_tags("region_switch")
    risk = "A function in the Region that is left may be what is down: the plan stops there."
    fix = "Set RegionToRun to activatingRegion, and let the function call the other Region."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"RegionToRun must be {RIGHT[0]}: the other Region may be what is down")
            for plan in plans(cfn)
            for config in configurations(cfn, plan, "CustomActionLambdaConfig")
            for spot in find(cfn, config, "RegionToRun")
            if differs(spot.value, *RIGHT)
        ]
