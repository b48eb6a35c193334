from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    by_key,
    differs,
    layer_tags,
    report,
    resources,
    values,
)

MUST_BE_TRUE = ("access_logs.s3.enabled", "routing.http.drop_invalid_header_fields.enabled")
# Its value is the operator's choice: a test environment turns it off.
MUST_BE_STATED = "deletion_protection.enabled"


class LoadBalancersAreHardened(CloudFormationLintRule):
    """An application load balancer logs, drops bad headers, and states if it may be deleted."""

    id = "E9033"
    shortdesc = "Load balancers log and drop invalid headers"
    description = (
        "LoadBalancerAttributes turn on access_logs.s3.enabled and"
        " routing.http.drop_invalid_header_fields.enabled, and state deletion_protection.enabled."
    )
    source_url = (
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-properties-elasticloadbalancingv2-loadbalancer-loadbalancerattribute.html"
    )
    tags = layer_tags("load_balancer")
    risk = (
        "Malformed headers allow request smuggling, and without access logs an attack leaves no"
        " trace."
    )
    fix = "State the three attributes in LoadBalancerAttributes; all of them are off by default."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(balancer, f"LoadBalancerAttributes: {complaint}")
            for balancer in resources(cfn, "AWS::ElasticLoadBalancingV2::LoadBalancer")
            if not any(differs(kind, "application", None) for kind in values(cfn, balancer, "Type"))
            for complaint in _complaints(cfn, balancer)
        ]


def _complaints(cfn: Template, balancer: Spot) -> Iterator[str]:
    for key in MUST_BE_TRUE:
        if differs(by_key(cfn, balancer, "LoadBalancerAttributes", key), True):
            yield f"{key} must be true"
    if by_key(cfn, balancer, "LoadBalancerAttributes", MUST_BE_STATED) is None:
        yield f"{MUST_BE_STATED} must be stated"
