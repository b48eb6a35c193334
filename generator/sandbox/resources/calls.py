"""What every resource type needs to be calls of a service's own API: names checked, errors told.

CloudFormation words the failure of a resource as its handler's message with an error code of
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from uuid import uuid4

from botocore.exceptions import ClientError, ParamValidationError

from generator.sandbox.resources.resource import Made, Properties, Resource

Tag = dict[str, str]
Answer = TypeVar("Answer")


def checked(resource_type: str, resource: Resource) -> Resource:
    """The same type, which refuses unknown properties and fails as CloudFormation words it."""
    known = resource.properties | resource.replacing | ({resource.tags} - {""})
    update = resource.update or _replace_only(resource_type)

    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        refuse_unknown(resource_type, properties, known)
        return told(resource.create, logical_id, properties, stack)

    def change(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
        refuse_unknown(resource_type, new, known)
        return told(update, physical_id, old, new, stack)

    def delete(physical_id: str, properties: Properties) -> None:
        try:
            resource.delete(physical_id, properties)
        except ClientError as error:
            if not is_gone(error):
                raise ValueError(handler_message(error)) from error

    replacing = resource.replacing if resource.update else known
    return resource._replace(
        create=create, update=change, delete=delete, replacing=replacing, properties=known
    )


def refuse_unknown(resource_type: str, properties: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise ValueError with the names of the properties that the type does not know."""
    unknown = sorted(set(properties) - set(known))
    if unknown:
        names = ", ".join(unknown)
        raise ValueError(f"Encountered unsupported property {names} of {resource_type}")


def is_gone(error: ClientError) -> bool:
    """Whether a service says that the resource does not exist (any more)."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return "NotFound" in code or code.startswith("NoSuch")


def handler_message(error: ClientError) -> str:
    """A service's error as a resource's status reason."""
    told, meta = error.response.get("Error", {}), error.response.get("ResponseMetadata", {})
    said, status = told.get("Message", ""), meta.get("HTTPStatusCode", 400)
    return failure(
        f"{said} (Service: {error.operation_name}, Status Code: {status})", handler_code(error)
    )


def handler_code(error: ClientError) -> str:
    """The error code of a resource handler for a service's error code."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if "AlreadyExist" in code or "Duplicate" in code:
        return "AlreadyExists"
    return "NotFound" if is_gone(error) else "InvalidRequest"


def failure(message: str, code: str) -> str:
    """The status reason of a resource whose handler failed."""
    return (
        f'Resource handler returned message: "{message}" '
        f"(RequestToken: {uuid4()}, HandlerErrorCode: {code})"
    )


def already_exists(resource_type: str, identifier: str) -> str:
    """The status reason of a resource whose name is taken."""
    said = f"Resource of type '{resource_type}' with identifier '{identifier}' already exists."
    return failure(said, "AlreadyExists")


def picked(properties: Mapping[str, Any], *names: str) -> Properties:
    """Those of the named properties that are given."""
    return {name: properties[name] for name in names if name in properties}


def tag_changes(old: Iterable[Tag], new: Iterable[Tag]) -> tuple[list[str], list[Tag]]:
    """The keys to remove, and the tags to set."""
    before, after = tag_map(old), tag_map(new)
    gone = sorted(before.keys() - after.keys())
    set_ = [{"Key": k, "Value": v} for k, v in after.items() if before.get(k) != v]
    return gone, set_


def tag_map(tags: Iterable[Tag]) -> dict[str, str]:
    """Tags by key."""
    return {tag["Key"]: str(tag.get("Value", "")) for tag in tags}


def told(function: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
    """What a function answers; a service's error becomes a status reason."""
    try:
        return function(*arguments, **named)
    except ClientError as error:
        raise ValueError(handler_message(error)) from error
    except ParamValidationError as error:
        raise ValueError(failure(f"Model validation failed ({error})", "InvalidRequest")) from error


def _replace_only(resource_type: str) -> Callable[[str, Properties, Properties, str], Made]:
    return functools.partial(_refuse_change, resource_type)


def _refuse_change(
    resource_type: str, physical_id: str, old: Properties, new: Properties, stack: str
) -> Made:
    raise ValueError(failure(f"{resource_type} {physical_id} can't be updated", "NotUpdatable"))
