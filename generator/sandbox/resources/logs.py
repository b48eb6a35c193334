"""Delivery of vended logs: sources, destinations, deliveries, through the CloudWatch Logs API."""

from __future__ import annotations

from collections.abc import Callable

from botocore.exceptions import ClientError

from generator.sandbox import seams
from generator.sandbox.resources.calls import already_exists, is_gone, picked, tag_changes, tag_map
from generator.sandbox.resources.resource import Made, Properties, Resource


def _retag(arn: str, old: Properties, new: Properties) -> None:
    logs = seams.client("logs")
    gone, changed = tag_changes(old.get("Tags", []), new.get("Tags", []))
    if gone:
        logs.untag_resource(resourceArn=arn, tagKeys=gone)
    if changed:
        logs.tag_resource(resourceArn=arn, tags=tag_map(changed))


def _refuse_taken(resource_type: str, name: str, get: Callable[..., object]) -> None:
    """Putting by a name that exists would overwrite; CloudFormation refuses to create it."""
    try:
        get(name=name)
    except ClientError as error:
        if is_gone(error):
            return
        raise
    raise ValueError(already_exists(resource_type, name))


# --- AWS::Logs::DeliverySource


def _create_source(logical_id: str, properties: Properties, stack: str) -> Made:
    get = seams.client("logs").get_delivery_source
    _refuse_taken("AWS::Logs::DeliverySource", properties["Name"], get)
    return _put_source(properties["Name"], {}, properties, stack)


def _put_source(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    made = seams.client("logs").put_delivery_source(
        name=new["Name"], resourceArn=new["ResourceArn"], logType=new["LogType"]
    )["deliverySource"]
    _retag(made["arn"], old, new)
    attributes = {"Arn": made["arn"], "ResourceArns": made["resourceArns"]}
    return made["name"], attributes | {"Service": made["service"]}


def _delete_source(physical_id: str, properties: Properties) -> None:
    seams.client("logs").delete_delivery_source(name=physical_id)


# --- AWS::Logs::DeliveryDestination


def _create_destination(logical_id: str, properties: Properties, stack: str) -> Made:
    get = seams.client("logs").get_delivery_destination
    _refuse_taken("AWS::Logs::DeliveryDestination", properties["Name"], get)
    return _put_destination(properties["Name"], {}, properties, stack)


def _put_destination(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    target = {"destinationResourceArn": new["DestinationResourceArn"]}
    asked = {"outputFormat": new["OutputFormat"]} if "OutputFormat" in new else {}
    made = seams.client("logs").put_delivery_destination(
        name=new["Name"], deliveryDestinationConfiguration=target, **asked
    )["deliveryDestination"]
    _retag(made["arn"], old, new)
    return made["name"], {
        "Arn": made["arn"],
        "DeliveryDestinationType": made["deliveryDestinationType"],
    }


def _delete_destination(physical_id: str, properties: Properties) -> None:
    seams.client("logs").delete_delivery_destination(name=physical_id)


# --- AWS::Logs::Delivery

_SETTINGS = {
    "RecordFields": "recordFields",
    "FieldDelimiter": "fieldDelimiter",
}


def _create_delivery(logical_id: str, properties: Properties, stack: str) -> Made:
    made = seams.client("logs").create_delivery(
        deliverySourceName=properties["DeliverySourceName"],
        deliveryDestinationArn=properties["DeliveryDestinationArn"],
        **_settings(properties),
    )["delivery"]
    _retag(made["arn"], {}, properties)
    return _delivery(made)


def _update_delivery(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    logs = seams.client("logs")
    if _settings(old) != _settings(new):
        logs.update_delivery_configuration(id=physical_id, **_settings(new))
    made = logs.get_delivery(id=physical_id)["delivery"]
    _retag(made["arn"], old, new)
    return _delivery(made)


def _delivery(made: Properties) -> Made:
    kind = made.get("deliveryDestinationType", "")
    attributes = {"Arn": made["arn"], "DeliveryId": made["id"]}
    return made["id"], attributes | {"DeliveryDestinationType": kind}


def _delete_delivery(physical_id: str, properties: Properties) -> None:
    seams.client("logs").delete_delivery(id=physical_id)


def _settings(properties: Properties) -> Properties:
    return {_SETTINGS[name]: value for name, value in picked(properties, *_SETTINGS).items()}


RESOURCES = {
    "AWS::Logs::DeliverySource": Resource(
        _create_source,
        _delete_source,
        _put_source,
        frozenset({"Name"}),
        frozenset({"ResourceArn", "LogType"}),
        tags="Tags",
    ),
    "AWS::Logs::DeliveryDestination": Resource(
        _create_destination,
        _delete_destination,
        _put_destination,
        frozenset({"Name", "DestinationResourceArn", "OutputFormat"}),
        tags="Tags",
        name="Name",
    ),
    "AWS::Logs::Delivery": Resource(
        _create_delivery,
        _delete_delivery,
        _update_delivery,
        frozenset({"DeliverySourceName", "DeliveryDestinationArn"}),
        frozenset(_SETTINGS),
        tags="Tags",
    ),
}
