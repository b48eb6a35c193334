import re

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._policies import (
    IDENTITY_POLICIES,
    RESOURCE_POLICIES,
    allowed_in,
    strings,
)
from generator.checks.rules._template import Spot, layer_tags, report, text

EVERYTHING = re.compile(r"(\*|[^:]*:\*+)")


class PoliciesNameTheirActions(CloudFormationLintRule):
    """An Allow statement lists the actions that it allows."""

    id = "E9003"
    shortdesc = "Policies name their actions"
    description = (
        "No Allow statement has an Action of * or service:*, nor a NotAction. The one exception is"
        " kms:* for the account's root in a key policy: without it a key can become unmanageable."
    )
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
    )
    tags = layer_tags("general")
    risk = (
        "A wildcard also allows every action that AWS adds to the service later, deletion and"
        " escalation included."
    )
    fix = (
        "List the actions that the principal really calls; narrow with prefixes such as s3:Get* at"
        " most."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        matches = []
        for statement in allowed_in(cfn, {**IDENTITY_POLICIES, **RESOURCE_POLICIES}):
            if "NotAction" in statement.value:
                matches.append(
                    report(
                        statement, "NotAction allows all but a few: list the actions under Action"
                    )
                )
            for action in strings(cfn, statement, "Action"):
                if EVERYTHING.fullmatch(action) and not _is_key_administration(statement, action):
                    matches.append(
                        report(statement, f"Action {action} is a wildcard: list the actions")
                    )
        return matches


def _is_key_administration(statement: Spot, action: str) -> bool:
    in_key_policy = "KeyPolicy" in statement.path
    return in_key_policy and action == "kms:*" and ":root" in text(statement.value.get("Principal"))
