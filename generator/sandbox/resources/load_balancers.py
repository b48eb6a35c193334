"""Where a load balancer may stand: in subnets that exist, in two zones at least.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, told
from generator.sandbox.resources.resource import Extension, Properties


def _check(logical_id: str, properties: Properties, stack: str) -> None:
    """Raises ValueError for subnets that EC2 does not have, or that are all in one zone."""
    subnets = properties.get("Subnets", [])
    describe = seams.client("ec2").describe_subnets
    found = told(describe, SubnetIds=subnets)["Subnets"] if subnets else []
    if len({each["AvailabilityZone"] for each in found}) < 2:
        said = "At least two subnets in two different Availability Zones must be specified"
        raise ValueError(failure(said, "InvalidRequest"))


def _check_update(physical_id: str, old: Properties, new: Properties, stack: str) -> Properties:
    _check(physical_id, new, stack)
    return old


EXTENSIONS = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Extension(
        before_create=_check, before_update=_check_update
    ),
}
