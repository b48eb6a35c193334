"""Custom resource: takes all rules out of a VPC's default security group.

Whatever is launched without a group of its own lands in the default one, which AWS opens to itself
and to all egress. Deleting the resource does nothing: the group goes with its VPC.
"""

import logging
from typing import Any

import boto3
import cfnresponse

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation whatever happens: it would wait for an hour otherwise."""
    group = event.get("PhysicalResourceId", "none")
    try:
        if event["RequestType"] != "Delete":
            group = close(boto3.client("ec2"), event["ResourceProperties"]["VpcId"])
        cfnresponse.send(event, context, cfnresponse.SUCCESS, {}, group)
    except Exception as error:
        LOG.exception("the default security group is not closed")
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, group, reason=str(error))


def close(ec2: Any, vpc: str) -> str:
    """Revoke what is there; nothing is there the second time. Returns the group's id."""
    names = {"vpc-id": vpc, "group-name": "default"}
    filters = [{"Name": name, "Values": [value]} for name, value in names.items()]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]
    name: str = group["GroupId"]
    if rules := group["IpPermissions"]:
        ec2.revoke_security_group_ingress(GroupId=name, IpPermissions=rules)
    if rules := group["IpPermissionsEgress"]:
        ec2.revoke_security_group_egress(GroupId=name, IpPermissions=rules)
    LOG.info("closed %s", name)
    return name
