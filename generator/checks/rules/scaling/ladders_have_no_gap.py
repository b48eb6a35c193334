import math
from collections.abc import Iterator
from itertools import pairwise

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    layer_tags,
    number,
    report,
    resources,
    values,
)

MOST = 20
Step = tuple[float, float]  # lower and upper bound; an open end is infinite


class LaddersHaveNoGap(CloudFormationLintRule):
    """The steps of a policy follow on one another, and end open."""

    id = "E9102"
    shortdesc = "Step ladders have no gap and no overlap"
    description = (
        f"StepAdjustments are at most {MOST}, leave no gap and no overlap, and end open on each"
        " side of the threshold that they use; bounds that are known only at deployment are not"
        " judged."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-properties-autoscaling-scalingpolicy-stepadjustment.html"
    )
    tags = layer_tags("scaling")
    risk = (
        "Auto Scaling refuses the policy when the stack is deployed; with no open end a high peak"
        " would do nothing."
    )
    fix = "Begin each step where the last one ends, and leave out the outermost bound of each side."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(policy, f"StepAdjustments {complaint}")
            for policy in resources(cfn, "AWS::AutoScaling::ScalingPolicy")
            if (ladder := _ladder(cfn, policy))
            for complaint in _complaints(ladder)
        ]


def _ladder(cfn: Template, policy: Spot) -> list[Step]:
    """The steps from the bottom up; nothing if a bound is not known."""
    ladder = []
    for step in find(cfn, policy, "StepAdjustments", EACH):
        lower = _bound(cfn, step, "MetricIntervalLowerBound", -math.inf)
        upper = _bound(cfn, step, "MetricIntervalUpperBound", math.inf)
        if lower is None or upper is None:
            return []
        ladder.append((lower, upper))
    return sorted(ladder)


def _bound(cfn: Template, step: Spot, key: str, missing: float) -> float | None:
    bounds = values(cfn, step, key)
    if len(bounds) != 1:
        return None
    return missing if isinstance(step.value, dict) and bounds[0] is None else number(bounds[0])


def _complaints(ladder: list[Step]) -> Iterator[str]:
    lowest, highest = ladder[0][0], ladder[-1][1]
    if len(ladder) > MOST:
        yield f"has {len(ladder)} steps: {MOST} is the most"
    if any(lower == -math.inf and upper == math.inf for lower, upper in ladder):
        yield "has a step without any bound: give it one"
    for (_, upper), (lower, _) in pairwise(ladder):
        if upper != lower:
            yield (
                f"has {'a gap' if upper < lower else 'an overlap'} between {upper:g} and {lower:g}"
            )
    if -math.inf < lowest < 0:
        yield f"ends at {lowest:g}: leave out the lowest step's MetricIntervalLowerBound"
    if 0 < highest < math.inf:
        yield f"ends at {highest:g}: leave out the highest step's MetricIntervalUpperBound"
