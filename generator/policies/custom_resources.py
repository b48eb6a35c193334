"""The Lambda functions behind the custom resources: each may do its one thing.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import ec2, logs
from awacs.aws import ArnEquals, Condition
from troposphere import GetAtt, Sub
from troposphere.logs import LogGroup

from generator.policies.statements import Grant, Resource, allow, allow_any


def own_logs(group: LogGroup) -> Grant:
    """Write into the function's own log group, which the template makes."""
    return allow("OwnLogs", [logs.CreateLogStream, logs.PutLogEvents], [GetAtt(group, "Arn")])


def close_default_group(vpc: Resource) -> Sequence[Grant]:
    """Find the default security group of this VPC and revoke its rules."""
    groups = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:security-group/*"
    this_vpc = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${Vpc}"
    return [
        allow_any(
            "FindDefaultGroup",
            [ec2.DescribeSecurityGroups],
            "EC2 offers no resource or VPC condition for describing security groups.",
        ),
        allow(
            "CloseDefaultGroup",
            [ec2.RevokeSecurityGroupEgress, ec2.RevokeSecurityGroupIngress],
            [Sub(groups)],
            Condition(ArnEquals("ec2:Vpc", Sub(this_vpc, Vpc=vpc))),
        ),
    ]


def find_prefix_list() -> Sequence[Grant]:
    """Look a managed prefix list up by its name."""
    return [
        allow_any(
            "FindPrefixList",
            [ec2.DescribeManagedPrefixLists],
            "EC2 offers no resource for describing prefix lists; it reads public facts only.",
        )
    ]
