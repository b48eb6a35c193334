from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)

PLATFORM_TAGS = ("Platform", "gtm:platform")


class TargetsAreThePlatforms(CloudFormationLintRule):
    """An experiment hits the platform and nothing else in the account."""

    id = "E9132"
    shortdesc = "Targets of experiments are the platform's"
    description = (
        "Each target of an FIS experiment template lists ResourceArns, none of which is all of a"
        " kind, or has the platform's tag (Platform or gtm:platform) among its ResourceTags."
    )
    source_url = "https://docs.aws.amazon.com/fis/latest/userguide/targets.html"
    tags = layer_tags("chaos")
    risk = "A target by a filter alone, or by somebody's tag, stops what other teams run."
    fix = "List the ARNs, or add the platform's tag to ResourceTags."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found
            for template in resources(cfn, "AWS::FIS::ExperimentTemplate")
            for target in _targets(cfn, template)
            for found in _check(cfn, target)
        ]


def _targets(cfn: Template, template: Spot) -> Iterator[Spot]:
    for targets in find(cfn, template, "Targets"):
        if isinstance(targets.value, dict) and not is_unknown(targets.value):
            for name, target in targets.value.items():
                yield Spot((*targets.path, name), target)


def _check(cfn: Template, target: Spot) -> Iterator[RuleMatch]:
    arns = values(cfn, target, "ResourceArns", EACH)
    for arn in find(cfn, target, "ResourceArns", EACH):
        if isinstance(arn.value, str) and arn.value.endswith("/*"):
            yield report(arn, f"{target.path[-1]} names all of a kind: list the platform's own")
    if not arns and not any(values(cfn, target, "ResourceTags", tag)[0] for tag in PLATFORM_TAGS):
        yield report(target, f"{target.path[-1]} lacks ResourceArns or the tag Platform")
