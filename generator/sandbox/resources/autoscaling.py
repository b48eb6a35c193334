"""Auto Scaling groups with instances: launched, registered, followed and terminated through EC2.

The emulator's own type is a record. Here a group launches its instances from its launch template,
spread over its subnets, registers them with its target groups, keeps to its sizes on update, and
takes them along when it goes. Nothing waits for a signal: an instance is in service at once, and no
lifecycle hook runs. A new launch template with an instance refresh replaces every instance.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-autoscalinggroup.html
"""

from __future__ import annotations

from typing import NamedTuple

from generator.sandbox import repair_seams, seams, service_seams, template_seams
from generator.sandbox.resources.calls import failure, picked, told
from generator.sandbox.resources.fleet import (
    record_of,
    renew,
    reregister,
    resize,
    terminate,
    zones_of,
)
from generator.sandbox.resources.launch_templates import launch_data, specification
from generator.sandbox.resources.resource import Extension, Made, Properties

TYPE = "AWS::AutoScaling::AutoScalingGroup"
_SHOWN = (
    "DefaultInstanceWarmup",
    "InstanceMaintenancePolicy",
    "MixedInstancesPolicy",
    "TargetGroupARNs",
)
_SIZES = ("MinSize", "MaxSize", "DesiredCapacity")


class _Before(NamedTuple):
    """A group before its update."""

    properties: Properties
    sizes: dict[str, int]
    instances: list[Properties]


# --- what CloudFormation asks for


def _check(logical_id: str, properties: Properties, stack: str) -> None:
    _check_sizes({name: int(size) for name, size in picked(properties, *_SIZES).items()})
    told(launch_data, properties)
    told(zones_of, properties)
    for target_group in properties.get("TargetGroupARNs", []):
        told(seams.client("elbv2").describe_target_groups, TargetGroupArns=[target_group])


def _created(made: Made, properties: Properties, stack: str) -> Made:
    told(_describe, made[0], {}, properties)
    told(resize, made[0], properties)
    return made


def _before_update(physical_id: str, old: Properties, new: Properties, stack: str) -> _Before:
    _check(physical_id, new, stack)
    record = record_of(physical_id)
    sizes = {name: int(record[name]) for name in _SIZES}
    return _Before(old, sizes, list(record["Instances"]))


def _updated(made: Made, before: _Before, properties: Properties, stack: str) -> Made:
    name, record = made[0], record_of(made[0])
    policy = _update_policy(stack, name)
    record["Instances"] = before.instances
    record.update(_sizes(before, properties, policy))
    told(_describe, name, before.properties, properties)
    told(reregister, name, before.properties, properties)
    if specification(before.properties) != specification(properties):
        told(renew, name, properties, policy)
    told(resize, name, properties)
    return made


def _before_delete(physical_id: str, properties: Properties) -> None:
    record = service_seams.auto_scaling_group(physical_id)
    if record is not None:
        terminate(record["Instances"], properties)


def _describe(name: str, old: Properties, new: Properties) -> None:
    """What the emulator's type leaves out: lifecycle hooks, and what a description shows."""
    record_of(name)[repair_seams.SHOWN] = picked(new, *_SHOWN)
    client, before, after = seams.client("autoscaling"), _hooks(old), _hooks(new)
    for gone in before.keys() - after.keys():
        client.delete_lifecycle_hook(AutoScalingGroupName=name, LifecycleHookName=gone)
    for hook in after.values():
        asked: Properties = hook | {"AutoScalingGroupName": name}
        if "HeartbeatTimeout" in hook:
            asked["HeartbeatTimeout"] = int(hook["HeartbeatTimeout"])
        client.put_lifecycle_hook(**asked)


def _hooks(properties: Properties) -> dict[str, Properties]:
    hooks = properties.get("LifecycleHookSpecificationList", [])
    return {each["LifecycleHookName"]: each for each in hooks}


# --- sizes


def _check_sizes(sizes: dict[str, int]) -> None:
    least, most = sizes.get("MinSize", 0), sizes.get("MaxSize", 0)
    if least > most:
        said = f"Group sizes must be such that MinSize ({least}) <= MaxSize ({most})"
        raise ValueError(failure(said, "InvalidRequest"))
    if not least <= sizes.get("DesiredCapacity", least) <= most:
        said = (
            f"Desired capacity:{sizes['DesiredCapacity']} must be between the specified "
            f"min size:{least} and max size:{most}"
        )
        raise ValueError(failure(said, "InvalidRequest"))


def _sizes(before: _Before, properties: Properties, policy: Properties) -> dict[str, int]:
    """The template's sizes; of what it leaves as it was, the live ones where the policy says so."""
    schedule = policy.get("AutoScalingScheduledAction", {})
    keep = schedule.get("IgnoreUnmodifiedGroupSizeProperties") in (True, "true")
    sizes = dict(before.sizes)
    for name in picked(properties, *_SIZES):
        if not keep or str(properties[name]) != str(before.properties.get(name)):
            sizes[name] = int(properties[name])
    wanted = max(sizes["MinSize"], min(sizes["MaxSize"], sizes["DesiredCapacity"]))
    return sizes | {"DesiredCapacity": wanted}


def _update_policy(stack: str, physical_id: str) -> Properties:
    """A group's UpdatePolicy in the new template: no property, so no handler is told it."""
    record = seams.stack_records().get(stack, {})
    template = template_seams.parsed_template(record.get("_template_body", "{}"))
    resources = template.get("Resources", {})
    for logical_id, resource in record.get("_resources", {}).items():
        if resource.get("PhysicalResourceId") == physical_id and logical_id in resources:
            found: Properties = resources[logical_id].get("UpdatePolicy", {})
            return found
    return {}


EXTENSIONS = {
    TYPE: Extension(_check, _created, _before_update, _updated, _before_delete),
}
