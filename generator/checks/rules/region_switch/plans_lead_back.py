from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    is_unknown,
    layer_tags,
    report,
    values,
)
from generator.checks.rules.region_switch._plans import plans, workflows

APPROACH = "activeActive"
WAYS = ("deactivate", "activate")


class PlansLeadBack(CloudFormationLintRule):
    """Whichever Region is left, the same plan leads out of it and back."""

    id = "E9142"
    shortdesc = "Plans lead out of each of their Regions and back"
    description = (
        "An active/active plan has a workflow that deactivates and one that activates, for each of"
        " its Regions or for all of them."
    )
    source_url = "https://docs.aws.amazon.com/r53recovery/latest/dg/working-with-rs-workflows.html"
    tags = layer_tags("region_switch")
    risk = "The one Region without a workflow is the one that fails, or the one that stays out."
    fix = "Add the workflow that is missing, with WorkflowTargetRegion."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found
            for plan in plans(cfn)
            if APPROACH in values(cfn, plan, "RecoveryApproach")
            for found in _check(cfn, plan)
        ]


def _check(cfn: Template, plan: Spot) -> Iterator[RuleMatch]:
    known = {way for workflow in workflows(cfn, plan) for way in _ways(cfn, workflow)}
    for region in values(cfn, plan, "Regions", EACH):
        for way in WAYS:
            if not is_unknown(region) and not known & {(way, region), (way, None)}:
                yield report(plan, f"no workflow is to {way} {region}")


def _ways(cfn: Template, workflow: Spot) -> Iterator[tuple[object, object]]:
    for action in values(cfn, workflow, "WorkflowTargetAction"):
        for region in values(cfn, workflow, "WorkflowTargetRegion"):
            yield action, None if is_unknown(region) else region
