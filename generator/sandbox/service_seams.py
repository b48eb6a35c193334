"""Like seams, for the services behind resource types: what no API of theirs shows or sets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ministack.core import responses
from ministack.services import alb, autoscaling, cloudwatch, ec2, elasticache, ssm, waf

from generator.sandbox import seams
from generator.sandbox.contract import Seam
from generator.sandbox.seams import Answer, Handler, Params, Record

JsonHandler = Callable[[Record], Answer]
"""A request's JSON to the answer."""

_AMAZON = "137112412989"
"""The account that publishes Amazon Linux."""
_SERVICES = "ministack.services"
SEAMS = (
    Seam(f"{_SERVICES}.alb", "_ACTION_MAP", dict),
    Seam(f"{_SERVICES}.alb", "_lb_attrs", responses.AccountScopedDict),
    Seam(f"{_SERVICES}.alb", "_error", ("code", "message", "status")),
    Seam(f"{_SERVICES}.elasticache", "_replication_groups", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.elasticache", "_create_snapshot", ("p",)),
    Seam(f"{_SERVICES}.autoscaling", "_ACTION_MAP", dict),
    Seam(f"{_SERVICES}.autoscaling", "_asgs", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.autoscaling", "_xml", ("status", "root_tag", "inner")),
    Seam(f"{_SERVICES}.autoscaling", "_error", ("code", "message", "status")),
    Seam(f"{_SERVICES}.ec2", "_instances", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.ec2", "_ACTION_MAP", dict),
    Seam(f"{_SERVICES}.ec2", "_STUB_AMIS", list),
    Seam(f"{_SERVICES}.ec2", "_describe_images", ("p",)),
    Seam(
        f"{_SERVICES}.ec2",
        "_stub_image_view",
        ("ami_id", "name", "desc", "platform", "root_device", "owner_id", "owner_alias"),
    ),
    Seam(f"{_SERVICES}.ssm", "_public_parameter", ("name",)),
    Seam(f"{_SERVICES}.cloudwatch", "_alarms", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.cloudwatch", "_composite_alarms", responses.AccountRegionScopedDict),
    Seam(f"{_SERVICES}.cloudwatch", "cloudformation_put_metric_alarm", ("alarm",)),
    Seam(f"{_SERVICES}.cloudwatch", "cloudformation_set_metric_alarm_tags", ("name", "tags")),
    Seam(
        f"{_SERVICES}.waf",
        "handle_request",
        ("method", "path", "headers", "body", "query_params"),
    ),
)


# --- records of services


def alarm(name: str) -> Record | None:
    """The record of a metric or composite alarm."""
    found: Record | None = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    return found


def put_alarm(record: Record, tags: list[Record]) -> None:
    """Keep the record of a metric alarm, which may have Metrics: PutMetricAlarm loses those."""
    cloudwatch.cloudformation_put_metric_alarm(record)
    cloudwatch.cloudformation_set_metric_alarm_tags(record["AlarmName"], tags)


def auto_scaling_group(name: str) -> Record | None:
    """The record of a group, which DescribeAutoScalingGroups shows."""
    found: Record | None = autoscaling._asgs.get(name)
    return found


def place_instance(identifier: str, zone: str) -> None:
    """Put an instance into the zone of its subnet: RunInstances says the Region's first."""
    ec2._instances[identifier]["Placement"]["AvailabilityZone"] = zone


def replication_group(name: str) -> Record:
    """The record of a replication group, which DescribeReplicationGroups shows."""
    found: Record = elasticache._replication_groups[name]
    return found


def create_cache_snapshot(group: str, name: str) -> None:
    """CreateSnapshot of a replication group, on the event loop."""
    elasticache._create_snapshot({"SnapshotName": name, "ReplicationGroupId": group})


# --- public parameters and images


class Image(NamedTuple):
    """An image that Amazon publishes."""

    id: str
    name: str
    description: str
    architecture: str


def publish_images(
    parameters: Callable[[], Mapping[str, str]], images: Callable[[], Iterable[Image]]
) -> None:
    """Answer public parameters and the images of Amazon Linux; both of the current Region."""
    _publish_parameters(parameters)
    others, describe, view = list(ec2._STUB_AMIS), ec2._describe_images, ec2._stub_image_view

    def describe_images(params: Any) -> Answer:
        ec2._STUB_AMIS[:] = [*others, *map(_stub, images())]
        found: Answer = describe(params)
        return found

    def image_view(*stub: Any) -> Record:
        is_arm = stub[1].endswith("arm64")
        return {**view(*stub), "Architecture": "arm64" if is_arm else "x86_64"}

    ec2._ACTION_MAP["DescribeImages"] = describe_images
    ec2._stub_image_view = image_view


def _publish_parameters(parameters: Callable[[], Mapping[str, str]]) -> None:
    theirs = ssm._public_parameter

    def public_parameter(name: str) -> Record | None:
        value = parameters().get(name)
        if value is None:
            found: Record | None = theirs(name)
            return found
        arn = f"arn:aws:ssm:{seams.current_region()}::parameter{name}"
        kept = {"Type": "String", "DataType": "aws:ec2:image", "Version": 1, "LastModifiedDate": 0}
        return {"Name": name, "Value": value, "ARN": arn, **kept}

    ssm._public_parameter = public_parameter


def _stub(image: Image) -> tuple[str | None, ...]:
    return (image.id, image.name, image.description, "", "/dev/xvda", _AMAZON, "amazon")


# --- actions that a service lacks, or answers another way


def register_auto_scaling_action(name: str, handler: Handler) -> None:
    """Answer an action of EC2 Auto Scaling; it must not block."""
    autoscaling._ACTION_MAP[name] = handler


def auto_scaling_answer(name: str, inner: str = "") -> Answer:
    """The answer to an action of EC2 Auto Scaling; `inner` is the XML inside its Result element."""
    result = f"<{name}Result>{inner}</{name}Result>"
    found: Answer = autoscaling._xml(200, f"{name}Response", result)
    return found


def auto_scaling_error(message: str) -> Answer:
    """A ValidationError of EC2 Auto Scaling."""
    found: Answer = autoscaling._error("ValidationError", message, 400)
    return found


def refuse_protected_load_balancers() -> None:
    """Let DeleteLoadBalancer refuse while deletion_protection.enabled is true."""
    theirs: Handler = alb._ACTION_MAP["DeleteLoadBalancer"]

    def delete(params: Params) -> Answer:
        arn = seams.value(params, "LoadBalancerArn")
        attributes = {each["Key"]: each["Value"] for each in alb._lb_attrs.get(arn, [])}
        if attributes.get("deletion_protection.enabled") != "true":
            return theirs(params)
        said = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        refused: Answer = alb._error("OperationNotPermitted", said, 400)
        return refused

    alb._ACTION_MAP["DeleteLoadBalancer"] = delete


def register_wafv2_actions(actions: Mapping[str, JsonHandler]) -> None:
    """Answer actions of AWS WAF beside those that the emulator has; they must not block."""
    theirs: Callable[..., Awaitable[Answer]] = waf.handle_request

    async def handle_request(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query_params: Any
    ) -> Answer:
        ours = actions.get(headers.get("x-amz-target", "").split(".")[-1])
        if ours is None:
            return await theirs(method, path, headers, body, query_params)
        return ours(json.loads(body or b"{}"))

    waf.handle_request = handle_request


def json_answer(content: Record, status: int = 200) -> Answer:
    """An answer of a service that speaks JSON."""
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return status, headers, json.dumps(content).encode()


def json_error(code: str, message: str) -> Answer:
    """An error of a service that speaks JSON."""
    return json_answer({"__type": code, "Message": message, "message": message}, 400)
