from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)

MOST = 255  # children of one check


class CalculatedChecksDoNotNest(CloudFormationLintRule):
    """A calculated check counts endpoint and alarm checks, not other calculated ones."""

    id = "E9087"
    shortdesc = "Calculated health checks do not nest"
    description = (
        f"ChildHealthChecks of a CALCULATED check are at most {MOST}, none of them CALCULATED"
        " itself."
    )
    source_url = (
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/"
        "health-checks-creating-values.html"
    )
    tags = layer_tags("dns")
    risk = (
        "Route 53 refuses the check, and the region is left without its health when the stack rolls"
        " back."
    )
    fix = "List the endpoint and alarm checks themselves as ChildHealthChecks."

    def match(self, cfn: Template) -> list[RuleMatch]:
        checks = resources(cfn, "AWS::Route53::HealthCheck")
        calculated = [
            one for one in checks if "CALCULATED" in values(cfn, one, "HealthCheckConfig", "Type")
        ]
        names = {check.name for check in calculated}
        return [found for check in calculated for found in _check(cfn, check, names)]


def _check(cfn: Template, check: Spot, calculated: set[str]) -> Iterator[RuleMatch]:
    children = list(find(cfn, check, "HealthCheckConfig", "ChildHealthChecks", EACH))
    if len(children) > MOST:
        yield report(check, f"ChildHealthChecks has {len(children)} entries: {MOST} is the most")
    for child in children:
        for nested in sorted(refers_to(child.value) & calculated):
            yield report(
                child,
                f"ChildHealthChecks names {nested}, a calculated check: list its children instead",
            )
