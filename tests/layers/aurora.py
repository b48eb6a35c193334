"""The Aurora layer's template by itself, with what other layers give it made by hand."""

from __future__ import annotations

import json
from typing import Any

from generator.layers import aurora
from generator.layers.draft import Draft
from generator.settings.sections_options import Aurora
from tests.layers.support import drafted, over
from tests.local_aws import Account

HOME, OTHER = "eu-west-1", "us-east-1"


def draft(*regions: str, **changes: Any) -> Draft:
    """The layer over these Regions, the first of them home."""
    chosen = over(*(regions or (HOME, OTHER)), aurora=Aurora(**changes))
    return drafted(aurora.LAYER, chosen)


def template(*regions: str, **changes: Any) -> dict[str, Any]:
    """Its template, without parameters."""
    return as_data(draft(*regions, **changes))


def as_data(made: Draft) -> dict[str, Any]:
    """A draft's template as plain data."""
    data: dict[str, Any] = json.loads(made.template.to_json())
    return data


def given(made: Draft, account: Account, region: str) -> dict[str, Any]:
    """The template with a Parameter for all that it needs or tunes, whose defaults stand there."""
    data = as_data(made)
    values = _surroundings(account, region)
    needs = {
        name: {"Type": need.offer.type, "Default": values[name]}
        for name, need in made.needs.items()
    }
    tunables = {
        name: {"Type": tunable.type, "Default": tunable.value_in(region)}
        for name, tunable in made.tunables.items()
    }
    return data | {"Parameters": needs | tunables}


def _surroundings(account: Account, region: str) -> dict[str, str]:
    """Network, key and role, where they are not there yet."""
    ec2, kms, iam = (account.client(service, region) for service in ("ec2", "kms", "iam"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="database", Description="it", VpcId=vpc)
    role = f"service-{region}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    return {
        "DataSubnetIds": ",".join(subnets),
        "DatabaseSecurityGroupId": group["GroupId"],
        "LogsKeyArn": kms.create_key()["KeyMetadata"]["Arn"],
        "InstanceRoleName": role,
    }
