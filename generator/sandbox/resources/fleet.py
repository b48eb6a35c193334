"""The instances of an Auto Scaling group: launched through EC2, registered, terminated."""

from __future__ import annotations

from base64 import b64decode

from botocore.exceptions import ClientError

from generator.sandbox import seams, service_seams
from generator.sandbox.resources.calls import (
    Tag,
    failure,
    handler_message,
    is_gone,
    picked,
    tag_map,
)
from generator.sandbox.resources.launch_templates import instance_type, launch_data
from generator.sandbox.resources.resource import Properties


def resize(name: str, properties: Properties) -> None:
    """Launch or terminate until the group has the instances that it desires."""
    record = record_of(name)
    instances, wanted = record["Instances"], int(record["DesiredCapacity"])
    surplus = instances[wanted:]
    del instances[wanted:]
    terminate(surplus, properties)
    zones = zones_of(properties)
    record["AvailabilityZones"] = sorted(set(zones.values())) or record["AvailabilityZones"]
    if len(instances) < wanted:
        specification, data = launch_data(properties)
        places = sorted(zones.items())
    while len(instances) < wanted:
        place = places[len(instances) % len(places)] if places else (None, "")
        instance = _launch(name, properties, data, place)
        instances.append(_member(instance, place[1], specification))
    if "MixedInstancesPolicy" in properties:
        record["LaunchTemplate"] = {}


def renew(name: str, properties: Properties, policy: Properties) -> None:
    """Replace every instance when the update policy says how: otherwise they stay as they are."""
    if "AutoScalingInstanceRefresh" not in policy and "AutoScalingRollingUpdate" not in policy:
        return
    if "AutoScalingInstanceRefresh" in policy:
        seams.client("autoscaling").start_instance_refresh(AutoScalingGroupName=name)
    record = record_of(name)
    old = list(record["Instances"])
    record["Instances"].clear()
    resize(name, properties)
    terminate(old, properties)


def _launch(
    name: str, properties: Properties, data: Properties, place: tuple[str | None, str]
) -> str:
    """One instance in a subnet and zone, registered. Returns its id."""
    asked = picked(data, "ImageId", "SecurityGroupIds", "KeyName", "IamInstanceProfile")
    asked["InstanceType"] = instance_type(properties) or data["InstanceType"]
    if "UserData" in data:
        asked["UserData"] = b64decode(data["UserData"])
    instance: str = seams.client("ec2").run_instances(
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": _tags(name, properties, data)}],
        **asked,
        **({"SubnetId": place[0]} if place[0] else {}),
    )["Instances"][0]["InstanceId"]
    service_seams.place_instance(instance, place[1] or f"{seams.current_region()}a")
    for target_group in properties.get("TargetGroupARNs", []):
        _register(target_group, [instance])
    return instance


def _member(instance: str, zone: str, specification: Properties) -> Properties:
    """An instance as the group's record has it."""
    return {
        "InstanceId": instance,
        "LifecycleState": "InService",
        "HealthStatus": "Healthy",
        "AvailabilityZone": zone,
        "ProtectedFromScaleIn": False,
        "LaunchTemplate": specification,
        "LaunchConfigurationName": "",
    }


def terminate(instances: list[Properties], properties: Properties) -> None:
    """Take instances out of the target groups and end them; one that is gone is no error."""
    identifiers = [each["InstanceId"] for each in instances]
    for target_group in properties.get("TargetGroupARNs", []):
        _deregister(target_group, identifiers)
    for instance in identifiers:
        try:
            seams.client("ec2").terminate_instances(InstanceIds=[instance])
        except ClientError as error:
            if not is_gone(error):
                raise ValueError(handler_message(error)) from error


def _tags(name: str, properties: Properties, data: Properties) -> list[Tag]:
    """The launch template's tags for instances, then the group's own, which come before them."""
    found: dict[str, str] = {}
    for each in data.get("TagSpecifications", []):
        if each["ResourceType"] == "instance":
            found |= tag_map(each["Tags"])
    propagated = (True, "true")
    own = [tag for tag in properties.get("Tags", []) if tag.get("PropagateAtLaunch") in propagated]
    found |= tag_map(own) | {"aws:autoscaling:groupName": name}
    return [{"Key": key, "Value": value} for key, value in found.items()]


# --- target groups


def reregister(name: str, old: Properties, new: Properties) -> None:
    """Follow a change of the group's target groups."""
    instances = [each["InstanceId"] for each in record_of(name)["Instances"]]
    before, after = (set(each.get("TargetGroupARNs", [])) for each in (old, new))
    for target_group in before - after:
        _deregister(target_group, instances)
    for target_group in after - before:
        _register(target_group, instances)


def _register(target_group: str, instances: list[str]) -> None:
    if instances:
        targets = [{"Id": each} for each in instances]
        seams.client("elbv2").register_targets(TargetGroupArn=target_group, Targets=targets)


def _deregister(target_group: str, instances: list[str]) -> None:
    targets = [{"Id": each} for each in instances]
    try:
        if targets:
            seams.client("elbv2").deregister_targets(TargetGroupArn=target_group, Targets=targets)
    except ClientError as error:
        if not is_gone(error):
            raise


def record_of(name: str) -> Properties:
    """The record of a group. Raises ValueError when there is none."""
    record = service_seams.auto_scaling_group(name)
    if record is None:
        said = f"AutoScalingGroup name not found - no such group: {name}"
        raise ValueError(failure(said, "NotFound"))
    return record


def zones_of(properties: Properties) -> dict[str, str]:
    """The zone of each of the group's subnets. A subnet that is not there is a ClientError."""
    subnets = properties.get("VPCZoneIdentifier", [])
    if not subnets:
        return {}
    identifiers = subnets.split(",") if isinstance(subnets, str) else list(subnets)
    found = seams.client("ec2").describe_subnets(SubnetIds=identifiers)["Subnets"]
    return {each["SubnetId"]: each["AvailabilityZone"] for each in found}
