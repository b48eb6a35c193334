from collections.abc import Iterator
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    find,
    layer_tags,
    refers_to,
    report,
    resources,
)

PREFIX = "aws-waf-logs-"


class FirewallsAreLogged(CloudFormationLintRule):
    """A web ACL logs, to a log group whose name WAF accepts."""

    id = "E9076"
    shortdesc = "Firewalls are logged"
    description = (
        "Each WebACL has an AWS::WAFv2::LoggingConfiguration, and a log group that one uses is"
        f" named {PREFIX}..."
    )
    source_url = "https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html"
    tags = layer_tags("edge")
    risk = (
        "Without logs nobody sees whom the firewall blocks by mistake; with another name WAF"
        " refuses the group."
    )
    fix = (
        "Add a LoggingConfiguration for the web ACL, and begin its log group's LogGroupName with"
        f" {PREFIX}."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        configurations = [one.value for one in resources(cfn, "AWS::WAFv2::LoggingConfiguration")]
        logged = refers_to([one.get("ResourceArn") for one in configurations])
        destinations = refers_to([one.get("LogDestinationConfigs") for one in configurations])
        return [
            *(
                report(acl, "the web ACL has no AWS::WAFv2::LoggingConfiguration: add one")
                for acl in resources(cfn, "AWS::WAFv2::WebACL")
                if acl.name not in logged
            ),
            *_misnamed(cfn, destinations),
        ]


def _misnamed(cfn: Template, destinations: set[str]) -> Iterator[RuleMatch]:
    for group in resources(cfn, "AWS::Logs::LogGroup"):
        for spot in find(cfn, group, "LogGroupName"):
            start = _literal_start(spot.value)
            if group.name in destinations and start is not None and not start.startswith(PREFIX):
                yield report(spot, f"WAF logs go here: LogGroupName must begin with {PREFIX}")


def _literal_start(value: Any) -> str | None:
    """How a name begins, if the template tells: "" where CloudFormation makes the name up."""
    match value:
        case None:
            return ""
        case (
            str(name)
            | {"Fn::Sub": str(name) | [str(name), *_]}
            | {"Fn::Join": [_, [str(name), *_]]}
        ):
            return None if name.startswith("${") else name
    return None
