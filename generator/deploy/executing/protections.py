"""Protections that keep CloudFormation itself from deleting what a stack holds.

A load balancer whose attribute deletion_protection.enabled is true can't be deleted by anybody, and
its stack ends as DELETE_FAILED. So, where a deletion was shown and agreed to, the attribute of the
stack's own load balancers is turned off just before. (Tables have the same and need nothing: they
are kept.)
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.deploy.aws import Aws
from generator.deploy.looking.inventory import open_stack

LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
ATTRIBUTE = "deletion_protection.enabled"


def lift_protections(aws: Aws, region: str, stack_id: str) -> None:
    """Turn it off for each load balancer of a stack and of those nested in it."""
    stacks = open_stack(aws, region, stack_id, "", "")
    arns = [h.physical for stack in stacks for h in stack.holdings if h.type == LOAD_BALANCER]
    for arn in protected(aws, region, arns):
        aws.client("elbv2", region).modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=[{"Key": ATTRIBUTE, "Value": "false"}]
        )


def protected(aws: Aws, region: str, arns: list[str]) -> Iterator[str]:
    """Those load balancers that are protected; one that is gone is not."""
    client = aws.client("elbv2", region)
    for arn in filter(None, arns):
        try:
            found = client.describe_load_balancer_attributes(LoadBalancerArn=arn)
        except client.exceptions.LoadBalancerNotFoundException:
            continue
        if {"Key": ATTRIBUTE, "Value": "true"} in found["Attributes"]:
            yield arn
