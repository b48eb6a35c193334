"""The AMI ids that AWS publishes: each Region has its own, and EC2 knows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.local_aws import Account
from tests.sandbox.stacks import created, queue, template

PREFIX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_region_has_an_image_that_ec2_knows(account: Account, architecture: str) -> None:
    ids = set()
    for region in ("us-east-1", "eu-west-1"):
        ssm, ec2 = account.client("ssm", region), account.client("ec2", region)
        found = ssm.get_parameter(Name=PREFIX + architecture)["Parameter"]
        assert found["ARN"] == f"arn:aws:ssm:{region}::parameter{PREFIX}{architecture}"
        image = ec2.describe_images(ImageIds=[found["Value"]])["Images"][0]
        assert (image["Architecture"], image["State"]) == (architecture, "available")
        ids.add(image["ImageId"])
    assert len(ids) == 2
    elsewhere = account.client("ec2", "ap-northeast-2").describe_images(ImageIds=list(ids))
    assert elsewhere["Images"] == []


def test_an_instance_starts_from_it(account: Account) -> None:
    ec2 = account.client("ec2")
    image = account.client("ssm").get_parameter(Name=PREFIX + "arm64")["Parameter"]["Value"]
    made = ec2.run_instances(ImageId=image, InstanceType="t4g.small", MinCount=1, MaxCount=1)
    assert made["Instances"][0]["ImageId"] == image


def test_a_stacks_parameter_resolves_to_it(account: Account) -> None:
    name = PREFIX + "arm64"
    image = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": name}
    body = template({"Q": queue(QueueName={"Ref": "Image"})}, Parameters={"Image": image})
    stack = created(account.client("cloudformation"), "one", body)
    found = account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    assert stack["Parameters"] == [
        {"ParameterKey": "Image", "ParameterValue": name, "ResolvedValue": found}
    ]


def test_every_public_parameter_of_our_templates_is_there(account: Account) -> None:
    names = {
        parameter["Default"]
        for path in TEMPLATES.glob("*.json")
        for parameter in json.loads(path.read_text()).get("Parameters", {}).values()
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value")
    }
    assert names
    found = account.client("ssm").get_parameters(Names=sorted(names))
    assert found["InvalidParameters"] == []
