"""Logging of a web ACL. The emulator's WAFv2 has no logging API at all: it is added here.

A configuration is kept per web ACL and answered by GetLoggingConfiguration; nothing is logged.
https://docs.aws.amazon.com/waf/latest/APIReference/API_LoggingConfiguration.html
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from generator.sandbox import seams, service_seams, store_seams
from generator.sandbox.resources.calls import already_exists, failure, is_gone, picked
from generator.sandbox.resources.resource import Made, Properties, Resource
from generator.sandbox.seams import Answer, Record

TYPE = "AWS::WAFv2::LoggingConfiguration"
_SETTINGS = ("ResourceArn", "LogDestinationConfigs", "LoggingFilter", "RedactedFields")


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    arn = properties["ResourceArn"]
    try:
        seams.client("wafv2").get_logging_configuration(ResourceArn=arn)
    except ClientError as error:
        if is_gone(error) or error.response["Error"]["Code"] == _MISSING:
            return _put(arn, {}, properties, stack)
        raise
    raise ValueError(already_exists(TYPE, arn))


def _put(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    _check_destinations(new["LogDestinationConfigs"])
    seams.client("wafv2").put_logging_configuration(LoggingConfiguration=picked(new, *_SETTINGS))
    return physical_id, {"ManagedByFirewallManager": False}


def _check_destinations(destinations: list[str]) -> None:
    """One destination, and its name starts with aws-waf-logs-, as AWS WAF wants it."""
    names = [each.split(":log-group:")[-1].split(":::")[-1].split("/")[-1] for each in destinations]
    if len(names) != 1 or not names[0].startswith("aws-waf-logs-"):
        said = (
            "Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other "
            f"information separated by colons or slashes., field: LOG_DESTINATION, parameter: "
            f"{', '.join(destinations)}"
        )
        raise ValueError(failure(said, "InvalidRequest"))


def _delete(physical_id: str, properties: Properties) -> None:
    try:
        seams.client("wafv2").delete_logging_configuration(ResourceArn=physical_id)
    except ClientError as error:
        if error.response["Error"]["Code"] != _MISSING:
            raise


# --- the API

_MISSING = "WAFNonexistentItemException"
_configurations = store_seams.regional_store("wafv2_logging_configurations")


def _put_configuration(request: Record) -> Answer:
    configuration = request["LoggingConfiguration"]
    _configurations[configuration["ResourceArn"]] = configuration
    return service_seams.json_answer({"LoggingConfiguration": configuration})


def _get_configuration(request: Record) -> Answer:
    found = _configurations.get(request["ResourceArn"])
    if found is None:
        return _missing()
    return service_seams.json_answer({"LoggingConfiguration": found})


def _delete_configuration(request: Record) -> Answer:
    if _configurations.pop(request["ResourceArn"], None) is None:
        return _missing()
    return service_seams.json_answer({})


def _list_configurations(request: Record) -> Answer:
    return service_seams.json_answer({"LoggingConfigurations": list(_configurations.values())})


def _missing() -> Answer:
    said = "AWS WAF couldn’t perform the operation because your resource doesn’t exist."
    return service_seams.json_error(_MISSING, said)


ACTIONS = {
    "PutLoggingConfiguration": _put_configuration,
    "GetLoggingConfiguration": _get_configuration,
    "DeleteLoggingConfiguration": _delete_configuration,
    "ListLoggingConfigurations": _list_configurations,
}


RESOURCES = {
    TYPE: Resource(_create, _delete, _put, frozenset({"ResourceArn"}), frozenset(_SETTINGS)),
}
