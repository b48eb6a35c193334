"""Instance profiles, through the IAM API: Ref answers the name, as on AWS, and not the ARN."""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox import seams
from generator.sandbox.resources.calls import picked
from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    generated = f"{stack}-{logical_id}"[:115] + f"-{uuid4().hex[:12]}"
    name = properties.get("InstanceProfileName") or generated
    made = seams.client("iam").create_instance_profile(
        InstanceProfileName=name, **picked(properties, "Path")
    )["InstanceProfile"]
    try:
        return _fill(name, [], properties)
    except Exception:
        seams.client("iam").delete_instance_profile(InstanceProfileName=made["InstanceProfileName"])
        raise


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return _fill(physical_id, old.get("Roles", []), new)


def _fill(name: str, before: list[str], properties: Properties) -> Made:
    iam = seams.client("iam")
    for role in set(before) - set(properties["Roles"]):
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=role)
    for role in set(properties["Roles"]) - set(before):
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)
    profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return name, {"Arn": profile["Arn"]}


def _delete(physical_id: str, properties: Properties) -> None:
    iam = seams.client("iam")
    profile = iam.get_instance_profile(InstanceProfileName=physical_id)["InstanceProfile"]
    for role in profile["Roles"]:
        iam.remove_role_from_instance_profile(
            InstanceProfileName=physical_id, RoleName=role["RoleName"]
        )
    iam.delete_instance_profile(InstanceProfileName=physical_id)


RESOURCES = {
    "AWS::IAM::InstanceProfile": Resource(
        _create,
        _delete,
        _update,
        frozenset({"InstanceProfileName", "Path"}),
        frozenset({"Roles"}),
    ),
}
