from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, layer_tags, report, section, values


class ParametersAreLabelled(CloudFormationLintRule):
    """A parameter explains itself to someone who meets it in the console."""

    id = "E9009"
    shortdesc = "Parameters have description, group and label"
    description = (
        "Each parameter has a Description and stands in a ParameterGroup with a ParameterLabel."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
        "aws-cloudformation-interface.html"
    )
    tags = layer_tags("general")
    risk = (
        "In the console an operator meets a bare name in alphabetical order and has to guess what"
        " it does."
    )
    fix = (
        "Add a Description, and name the parameter in AWS::CloudFormation::Interface groups and"
        " labels."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        interface = Spot(
            ("Metadata",), section(cfn, "Metadata").get("AWS::CloudFormation::Interface")
        )
        grouped = values(cfn, interface, "ParameterGroups", EACH, "Parameters", EACH)
        labels = next(iter(values(cfn, interface, "ParameterLabels")), None)
        return [
            report(Spot(("Parameters", name), None), f"the parameter has {lack}")
            for name, parameter in section(cfn, "Parameters").items()
            for lack in _lacks(name, parameter, grouped, labels)
        ]


def _lacks(name: str, parameter: Any, grouped: list[Any], labels: Any) -> list[str]:
    checks = {
        "no Description": isinstance(parameter, dict) and bool(parameter.get("Description")),
        "no group in ParameterGroups": name in grouped,
        "no label in ParameterLabels": isinstance(labels, dict) and name in labels,
    }
    return [lack for lack, satisfied in checks.items() if not satisfied]
