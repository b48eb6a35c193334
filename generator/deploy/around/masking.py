"""Which values of a template may be secret, so that no screen or file shows them.

CloudFormation itself hides the value of a NoEcho parameter, and nothing else: a dynamic reference
is resolved when a resource is made, and what a service then says of it is the secret itself.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.deploy.failures.scrub import HIDDEN

__all__ = ["HIDDEN", "is_secret", "secret_outputs"]

REFERENCE = re.compile(r"\{\{resolve:")
SECRET_WORDS = re.compile(
    r"pass(word|phrase|wd)|secret|token|credential|private_?key|auth_?key", re.IGNORECASE
)
"""In a property's path: whatever is called so is not shown, wherever its value comes from."""

Body = Mapping[str, Any]


def is_secret(body: Body, logical_id: str, path: str) -> bool:
    """Whether a property may hold a secret. `path` is as in a PropertyDifference: /Tags/0/Value.

    Where the path leads out of the template (a member that was added, a function), all that the
    last known place holds decides.
    """
    if SECRET_WORDS.search(path):
        return True
    properties = body.get("Resources", {}).get(logical_id, {}).get("Properties", {})
    return _holds_secret(_deepest(properties, path), _secret_parameters(body))


def secret_outputs(body: Body) -> frozenset[str]:
    """Names of a template's outputs that say a secret."""
    secret = _secret_parameters(body)
    outputs = body.get("Outputs", {}).items()
    return frozenset(name for name, output in outputs if _holds_secret(output["Value"], secret))


def _deepest(value: Any, path: str) -> Any:
    for part in path.strip("/").split("/"):
        match value:
            case dict() if part in value:
                value = value[part]
            case list() if part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            case _:
                return value
    return value


def _holds_secret(value: Any, secret: frozenset[str]) -> bool:
    return bool(REFERENCE.search(json.dumps(value))) or any(
        name in secret for name in _parameters_in(value)
    )


def _parameters_in(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case str():
            yield from re.findall(r"\$\{(\w+)\}", value)
        case dict():
            for inner in value.values():
                yield from _parameters_in(inner)
        case list():
            for inner in value:
                yield from _parameters_in(inner)


def _secret_parameters(body: Body) -> frozenset[str]:
    """NoEcho ones, and those that stand for a dynamic reference."""
    return frozenset(
        name
        for name, entry in body.get("Parameters", {}).items()
        if str(entry.get("NoEcho", "")).lower() == "true"
        or REFERENCE.search(str(entry.get("Default", "")))
    )
