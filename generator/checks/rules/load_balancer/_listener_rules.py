"""A listener's rules, and which of them ask for a header."""

from typing import Any

from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, refers_to, resources, values

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def rules_of(cfn: Template, listener: str) -> list[Spot]:
    rules = resources(cfn, LISTENER_RULE)
    return [rule for rule in rules if listener in refers_to(rule.value.get("ListenerArn"))]


def demands_header(cfn: Template, rule: Spot) -> bool:
    return "http-header" in values(cfn, rule, "Conditions", EACH, "Field")


def forwards_to(cfn: Template, rule: Spot) -> set[str]:
    """Logical ids of the target groups that a rule sends requests to."""
    arns: list[Any] = values(cfn, rule, "Actions", EACH, "TargetGroupArn")
    arns += values(
        cfn, rule, "Actions", EACH, "ForwardConfig", "TargetGroups", EACH, "TargetGroupArn"
    )
    return refers_to(arns)
