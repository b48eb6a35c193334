"""Health checks and groups of records, through the Route 53 API.

A group is one change batch: all of its records appear, change and go together.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, picked, tag_changes
from generator.sandbox.resources.resource import Made, Properties, Resource

_CREATE_ONLY = ("Type", "RequestInterval", "MeasureLatency")
_TYPE = "AWS::Route53::HealthCheck"
_GROUP = "AWS::Route53::RecordSetGroup"

# --- AWS::Route53::HealthCheck


def _create_check(logical_id: str, properties: Properties, stack: str) -> Made:
    configuration = properties["HealthCheckConfig"]
    _check_children(configuration)
    made: str = seams.client("route53").create_health_check(
        CallerReference=str(uuid4()), HealthCheckConfig=_typed(configuration)
    )["HealthCheck"]["Id"]
    _retag(made, {}, properties)
    return made, {"HealthCheckId": made}


def _update_check(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    before, after = old["HealthCheckConfig"], new["HealthCheckConfig"]
    if before != after:
        _check_children(after)
        fixed = {name for name in _CREATE_ONLY if before.get(name) != after.get(name)}
        if fixed:
            return _create_check(physical_id, new, stack)
        changes = {k: v for k, v in _typed(after).items() if k not in _CREATE_ONLY}
        seams.client("route53").update_health_check(HealthCheckId=physical_id, **changes)
    _retag(physical_id, old, new)
    return physical_id, {"HealthCheckId": physical_id}


def _delete_check(physical_id: str, properties: Properties) -> None:
    seams.client("route53").delete_health_check(HealthCheckId=physical_id)


def _check_children(configuration: Properties) -> None:
    """A calculated check refers to checks that exist."""
    for child in configuration.get("ChildHealthChecks", []):
        seams.client("route53").get_health_check(HealthCheckId=child)


def _typed(configuration: Properties) -> Properties:
    """Numbers as numbers: a parameter arrives as a string."""
    numbers = ("Port", "RequestInterval", "FailureThreshold", "HealthThreshold")
    return configuration | {name: int(v) for name, v in picked(configuration, *numbers).items()}


def _retag(check: str, old: Properties, new: Properties) -> None:
    gone, changed = tag_changes(old.get("HealthCheckTags", []), new.get("HealthCheckTags", []))
    asked = ({"RemoveTagKeys": gone} if gone else {}) | ({"AddTags": changed} if changed else {})
    if asked:
        seams.client("route53").change_tags_for_resource(
            ResourceType="healthcheck", ResourceId=check, **asked
        )


# --- AWS::Route53::RecordSetGroup


def _create_group(logical_id: str, properties: Properties, stack: str) -> Made:
    zone = _zone(properties)
    _change(zone, [("CREATE", each) for each in _records(properties)], properties)
    return f"{stack}-{logical_id}-{uuid4().hex[:12].upper()}", {}


def _update_group(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    before = {_identity(each): each for each in _records(old)}
    after = {_identity(each): each for each in _records(new)}
    changes = [("DELETE", before[each]) for each in before if each not in after]
    changes += [("UPSERT", after[each]) for each in after if after[each] != before.get(each)]
    if changes:
        _change(_zone(new), changes, new)
    return physical_id, {}


def _delete_group(physical_id: str, properties: Properties) -> None:
    _change(_zone(properties), [("DELETE", each) for each in _records(properties)], properties)


def _change(zone: str, changes: list[tuple[str, Properties]], properties: Properties) -> None:
    batch: Properties = {
        "Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
    }
    batch |= picked(properties, "Comment")
    seams.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)


def _zone(properties: Properties) -> str:
    if "HostedZoneId" in properties:
        return str(properties["HostedZoneId"])
    name = properties["HostedZoneName"].rstrip(".") + "."
    zones = seams.client("route53").list_hosted_zones()["HostedZones"]
    found = [each["Id"].removeprefix("/hostedzone/") for each in zones if each["Name"] == name]
    if len(found) != 1:
        said = f"{len(found)} hosted zones found with name: {name}"
        raise ValueError(failure(said, "NotFound"))
    return str(found[0])


def _records(properties: Properties) -> list[Properties]:
    return [_record(each) for each in properties.get("RecordSets", [])]


def _record(template: Properties) -> Properties:
    """A record of a template as the API takes it."""
    record: dict[str, Any] = dict(template)
    if "TTL" in record:
        record["TTL"] = int(record["TTL"])
    if "Weight" in record:
        record["Weight"] = int(record["Weight"])
    if "ResourceRecords" in record:
        record["ResourceRecords"] = [{"Value": value} for value in record["ResourceRecords"]]
    if "AliasTarget" in record:
        record["AliasTarget"] = {"EvaluateTargetHealth": False} | record["AliasTarget"]
    return record


def _identity(record: Properties) -> tuple[str, ...]:
    names = ("Name", "Type", "SetIdentifier")
    return tuple(str(record.get(name, "")) for name in names)


RESOURCES = {
    _TYPE: Resource(
        _create_check,
        _delete_check,
        _update_check,
        properties=frozenset({"HealthCheckConfig"}),
        tags="HealthCheckTags",
    ),
    _GROUP: Resource(
        _create_group,
        _delete_group,
        _update_group,
        frozenset({"HostedZoneId", "HostedZoneName"}),
        frozenset({"RecordSets", "Comment"}),
    ),
}
