"""Replica keys, through the KMS API: same id and key material as the primary, in this Region."""

from __future__ import annotations

import json
from typing import Any

from generator.sandbox import seams
from generator.sandbox.resources.calls import tag_changes
from generator.sandbox.resources.resource import Attributes, Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    primary = properties["PrimaryKeyArn"]
    made = seams.client("kms", primary.split(":")[3]).replicate_key(
        KeyId=primary,
        ReplicaRegion=seams.current_region(),
        Policy=_document(properties["KeyPolicy"]),
        Description=properties.get("Description", ""),
        Tags=_tags(properties),
    )["ReplicaKeyMetadata"]
    _enable(made["KeyId"], {}, properties)
    return made["KeyId"], _attributes(made)


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    kms = seams.client("kms")
    if old["KeyPolicy"] != new["KeyPolicy"]:
        policy = _document(new["KeyPolicy"])
        kms.put_key_policy(KeyId=physical_id, PolicyName="default", Policy=policy)
    if old.get("Description") != new.get("Description"):
        kms.update_key_description(KeyId=physical_id, Description=new.get("Description", ""))
    _enable(physical_id, old, new)
    _retag(physical_id, old, new)
    return physical_id, _attributes(kms.describe_key(KeyId=physical_id)["KeyMetadata"])


def _delete(physical_id: str, properties: Properties) -> None:
    kms = seams.client("kms")
    if kms.describe_key(KeyId=physical_id)["KeyMetadata"]["KeyState"] != "PendingDeletion":
        window = int(properties.get("PendingWindowInDays", 30))
        kms.schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=window)


def _enable(key: str, old: Properties, new: Properties) -> None:
    wanted = new.get("Enabled", True)
    if wanted == old.get("Enabled", True):
        return
    kms = seams.client("kms")
    kms.enable_key(KeyId=key) if wanted else kms.disable_key(KeyId=key)


def _retag(key: str, old: Properties, new: Properties) -> None:
    kms = seams.client("kms")
    gone, changed = tag_changes(old.get("Tags", []), new.get("Tags", []))
    if gone:
        kms.untag_resource(KeyId=key, TagKeys=gone)
    if changed:
        tags = [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in changed]
        kms.tag_resource(KeyId=key, Tags=tags)


def _tags(properties: Properties) -> list[dict[str, str]]:
    tags = properties.get("Tags", [])
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags]


def _document(policy: Any) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy)


def _attributes(key: Properties) -> Attributes:
    return {"KeyId": key["KeyId"], "Arn": key["Arn"]}


RESOURCES = {
    "AWS::KMS::ReplicaKey": Resource(
        _create,
        _delete,
        _update,
        frozenset({"PrimaryKeyArn"}),
        frozenset({"KeyPolicy", "Description", "Enabled", "PendingWindowInDays"}),
        tags="Tags",
    ),
}
