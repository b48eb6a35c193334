"""Which change of a property makes CloudFormation replace a resource: what its schema says.

The registry's schemas come with cfn-lint. `createOnlyProperties` are those that can't be updated;
`conditionalCreateOnlyProperties` those that can't be under some circumstances, which the user
guide lists as "Some interruptions". No schema tells more than that.
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from generator.deploy.preview.intrinsics import is_function

Path = tuple[str, ...]
CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
ANY_REGION = "us-east-1"
"""Schemas differ from Region to Region only in what they offer first."""


class Recreation(NamedTuple):
    """What an update of a type may change in place, and how it replaces what it can't."""

    known: bool
    """Whether there is a schema: without one, AWS can't say beforehand."""
    always: tuple[Path, ...] = ()
    sometimes: tuple[Path, ...] = ()
    old_first: bool = False
    """Whether the old resource is deleted before the new one is made."""
    tags: str = ""
    """The property to which a stack's own tags are passed on; empty where they are not."""


@cache
def recreation_of(type_name: str) -> Recreation:
    """What the registry's schema says of a type. cfn-lint is imported at the first question."""
    if type_name.startswith(CUSTOM):
        return Recreation(known=False)
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER, ResourceNotFoundError

    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(ANY_REGION, type_name).schema
    except ResourceNotFoundError:
        return Recreation(known=False)
    return Recreation(
        known=True,
        always=_paths(schema.get("createOnlyProperties", [])),
        sometimes=_paths(schema.get("conditionalCreateOnlyProperties", [])),
        old_first=schema.get("replacementStrategy") == "delete_then_create",
        tags=_tag_property(schema.get("tagging", {})),
    )


def at(value: Any, path: Path) -> Any:
    """What stands at a path of a value; None where nothing does.

    A list on the way is entered at each of its members. A function hides what it will be, and so
    stands for all of it.
    """
    if not path:
        return value
    if isinstance(value, list):
        rest = path[1:] if path[0] == "*" else path
        return [at(member, rest) for member in value]
    if not isinstance(value, dict):
        return None
    if len(value) == 1 and is_function(next(iter(value))):
        return value
    return at(value.get(path[0]), path[1:])


def _paths(pointers: list[str]) -> tuple[Path, ...]:
    """JSON pointers below /properties."""
    return tuple(tuple(pointer.split("/")[2:]) for pointer in pointers)


def _tag_property(tagging: dict[str, Any]) -> str:
    if not (tagging.get("taggable") and tagging.get("tagUpdatable")):
        return ""
    return str(tagging.get("tagProperty", "/properties/Tags")).rpartition("/")[2]
