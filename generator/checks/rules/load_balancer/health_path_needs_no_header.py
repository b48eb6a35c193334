from fnmatch import fnmatchcase
from typing import Any

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
from generator.checks.rules.load_balancer._listener_rules import (
    LISTENER,
    demands_header,
    forwards_to,
    rules_of,
)


class HealthPathNeedsNoHeader(CloudFormationLintRule):
    """Route 53's checkers, who know no secret, can still reach the health path."""

    id = "E9035"
    shortdesc = "The health path needs no secret header"
    description = (
        "Where a listener's rules demand an HTTP header, another rule of that listener forwards the"
        " target group's HealthCheckPath by path-pattern alone."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html"
    tags = layer_tags("load_balancer")
    risk = (
        "Route 53's checkers send no secret header: they get 403, and every region counts as"
        " unhealthy."
    )
    fix = (
        "Add a listener rule with only a path-pattern condition for HealthCheckPath that forwards"
        " to the group."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        groups = {
            one.name: one for one in resources(cfn, "AWS::ElasticLoadBalancingV2::TargetGroup")
        }
        return [
            report(
                listener,
                f"{name}'s health path {path or '/'} has no rule without a header condition:"
                " add one",
            )
            for listener in resources(cfn, LISTENER)
            for name in sorted(_behind_header(cfn, listener) & groups.keys())
            for path in values(cfn, groups[name], "HealthCheckPath")
            if not any(
                _matches(pattern, path or "/") for pattern in _open_patterns(cfn, listener, name)
            )
        ]


def _behind_header(cfn: Template, listener: Spot) -> set[str]:
    rules = rules_of(cfn, listener.name)
    return set().union(*(forwards_to(cfn, rule) for rule in rules if demands_header(cfn, rule)))


def _open_patterns(cfn: Template, listener: Spot, group: str) -> list[Any]:
    return [
        pattern
        for rule in rules_of(cfn, listener.name)
        if not demands_header(cfn, rule) and group in forwards_to(cfn, rule)
        for condition in find(cfn, rule, "Conditions", EACH)
        if "path-pattern" in values(cfn, condition, "Field")
        for keys in (("Values", EACH), ("PathPatternConfig", "Values", EACH))
        for pattern in values(cfn, condition, *keys)
    ]


def _matches(pattern: Any, path: Any) -> bool:
    return is_unknown(pattern) or is_unknown(path) or fnmatchcase(str(path), str(pattern))
