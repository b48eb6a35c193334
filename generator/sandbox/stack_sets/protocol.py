"""The Query protocol, read off botocore's own model of CloudFormation.

A request is parsed and checked against the shape of its action (members, types, enumerations,
lengths, patterns), an answer is written from the shape of its result: so what a client can send is
either understood or refused by name, and what is answered is what botocore parses.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import botocore.session
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from generator.sandbox import seams
from generator.sandbox.stack_sets.faults import Fault, invalid

Request = Mapping[str, Any]
"""A parsed request: members by name, absent ones left out."""
Result = Mapping[str, Any]
"""An answer's members by name; a None is left out."""
_ENVELOPE = {"Action", "Version"}


def answering(name: str, handle: Callable[[Request], Result]) -> seams.Handler:
    """A handler of requests as one of ministack's actions."""

    def answer(params: seams.Params) -> seams.Answer:
        try:
            result = handle(parse(name, params))
        except Fault as fault:
            return seams.error(fault.code, fault.message, fault.status)
        return seams.answer(name, write(name, result))

    return answer


@cache
def service() -> ServiceModel:
    """botocore's model of CloudFormation."""
    return botocore.session.get_session().get_service_model("cloudformation")


# --- requests


def parse(action: str, params: seams.Params) -> Request:
    """A request's members, typed and checked. Raises Fault: all that is wrong, in one message."""
    flat = {key: seams.value(params, key) for key in params if key not in _ENVELOPE}
    shape = service().operation_model(action).input_shape
    assert isinstance(shape, StructureShape), action
    used: set[str] = set()
    request = _structure(shape, "", flat, used)
    unknown = sorted(set(flat) - used)
    if unknown:
        raise invalid(f"{action}: unknown parameter {', '.join(unknown)}")
    problems = list(_structure_problems(shape, request, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise invalid(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")
    return request


def _value(shape: Shape, key: str, flat: Mapping[str, str], used: set[str]) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(shape, f"{key}.", flat, used)
    if isinstance(shape, ListShape):
        return _list(shape, key, flat, used)
    used.add(key)
    return _scalar(shape, key, flat[key])


def _structure(
    shape: StructureShape, prefix: str, flat: Mapping[str, str], used: set[str]
) -> dict[str, Any]:
    return {
        name: _value(member, prefix + name, flat, used)
        for name, member in shape.members.items()
        if _is_given(prefix + name, flat)
    }


def _list(shape: ListShape, key: str, flat: Mapping[str, str], used: set[str]) -> list[Any]:
    if key in flat:  # an empty list arrives as a bare name
        used.add(key)
    found: list[Any] = []
    while _is_given(f"{key}.member.{len(found) + 1}", flat):
        found.append(_value(shape.member, f"{key}.member.{len(found) + 1}", flat, used))
    return found


def _is_given(key: str, flat: Mapping[str, str]) -> bool:
    return key in flat or any(name.startswith(f"{key}.") for name in flat)


def _scalar(shape: Shape, key: str, text: str) -> Any:
    if shape.type_name == "boolean":
        if text not in {"true", "false"}:
            raise invalid(f"Value '{text}' at '{key}' is not a boolean")
        return text == "true"
    if shape.type_name == "integer":
        if not re.fullmatch(r"-?\d+", text):
            raise invalid(f"Value '{text}' at '{key}' is not an integer")
        return int(text)
    return text


# --- constraints


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, f"{path}.")
    else:
        yield from _constraint_problems(shape, value, path)
    if isinstance(shape, ListShape):
        for index, member in enumerate(value, start=1):
            yield from _problems(shape.member, member, f"{path}.{index}.member")


def _structure_problems(
    shape: StructureShape, value: Mapping[str, Any], prefix: str
) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _problem("null", prefix + _wire(name), "Member must not be null")
    for name, member in value.items():
        yield from _problems(shape.members[name], member, prefix + _wire(name))


def _constraint_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    allowed, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield _problem(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    if pattern and not re.fullmatch(pattern, value):
        yield _problem(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    is_number = isinstance(value, int)
    size, what = (value, "value") if is_number else (len(value), "length")
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _problem(value, path, f"Member must have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _problem(value, path, f"Member must have {what} less than or equal to {most}")


def _problem(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def _wire(name: str) -> str:
    return name[0].lower() + name[1:]


# --- answers


def write(action: str, result: Result) -> str:
    """The XML of a result, member by member of the action's output shape."""
    shape = service().operation_model(action).output_shape
    if shape is None:
        return ""
    assert isinstance(shape, StructureShape), action
    return _members(shape, result)


def _members(shape: StructureShape, result: Result) -> str:
    unknown = set(result) - set(shape.members)
    assert not unknown, f"{shape.name} has no {', '.join(sorted(unknown))}"
    return "".join(
        f"<{name}>{_xml(shape.members[name], value)}</{name}>"
        for name, value in result.items()
        if value is not None
    )


def _xml(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_xml(shape.member, member)}</member>" for member in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    return escape(str(value))
