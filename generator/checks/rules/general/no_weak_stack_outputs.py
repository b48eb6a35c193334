from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, layer_tags, report, section

FUNCTION = "Fn::GetStackOutput"


class NoWeakStackOutputs(CloudFormationLintRule):
    """A value of another stack comes by parameter or import, never by a weak reference."""

    id = "E9006"
    shortdesc = "No weak reference to another stack's output"
    description = "Fn::GetStackOutput is not used anywhere in Resources and Outputs."
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "intrinsic-function-reference-getstackoutput.html"
    )
    tags = layer_tags("general")
    risk = (
        "The reference is weak: when the producer's value changes, the consumer silently keeps the"
        " old one."
    )
    fix = "Pass the value as a parameter of the deployment, or export it and use Fn::ImportValue."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{FUNCTION} is a weak reference: use a parameter or Fn::ImportValue")
            for part in ("Resources", "Outputs")
            for name, body in section(cfn, part).items()
            for spot in _uses(Spot((part, name), body))
        ]


def _uses(spot: Spot) -> Iterator[Spot]:
    if isinstance(spot.value, dict):
        inside = [Spot((*spot.path, key), value) for key, value in spot.value.items()]
        yield from (child for child in inside if child.path[-1] == FUNCTION)
    elif isinstance(spot.value, list):
        inside = [Spot((*spot.path, index), value) for index, value in enumerate(spot.value)]
    else:
        return
    for child in inside:
        yield from _uses(child)
