"""Reading the policies of a template as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::AccountId": "111122223333",
    "AWS::Region": "eu-west-1",
    "AWS::URLSuffix": "amazonaws.com",
}


def rendered(value: Any) -> Any:
    """A value with its functions replaced by text of about the length it will have."""
    match value:
        case {"Fn::Sub": [str(text), dict(variables)]}:
            return _substituted(text, {**PSEUDO, **{k: rendered(v) for k, v in variables.items()}})
        case {"Fn::Sub": str(text)}:
            return _substituted(text, PSEUDO)
        case {"Fn::Join": [str(mark), list(parts)]}:
            return mark.join(rendered(part) for part in parts)
        case {"Ref": str(name)}:
            return PSEUDO.get(name, name)
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{name}.{attribute}"
        case dict():
            return {key: rendered(each) for key, each in value.items()}
        case list():
            return [rendered(each) for each in value]
    return value


def _substituted(text: str, variables: dict[str, Any]) -> str:
    for name, value in variables.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text


def documents(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The permission documents of a role or a managed policy."""
    properties = resource["Properties"]
    yield from (policy["PolicyDocument"] for policy in properties.get("Policies", []))
    if resource["Type"] == "AWS::IAM::ManagedPolicy":
        yield properties["PolicyDocument"]


def statements(resource: dict[str, Any], effect: str = "Allow") -> list[dict[str, Any]]:
    """The statements of a role or a managed policy that have this effect."""
    return [
        rendered(statement)
        for document in documents(resource)
        for statement in document["Statement"]
        if statement["Effect"] == effect
    ]


def actions(resources: Iterable[dict[str, Any]]) -> set[str]:
    """All actions that some roles or managed policies allow, as they are written."""
    return {
        action
        for resource in resources
        for statement in statements(resource)
        for action in statement["Action"]
    }


def covers(patterns: Iterable[str], action: str) -> bool:
    """Whether one of the patterns allows the action."""
    return any(fnmatchcase(action, pattern) for pattern in patterns)


def allows(resources: Iterable[dict[str, Any]], action: str, arn: str) -> bool:
    """Whether an Allow, and no Deny, of these policies meets the action on the ARN."""
    found = list(resources)

    def met(effect: str) -> bool:
        return any(
            covers(statement["Action"], action) and covers(statement["Resource"], arn)
            for resource in found
            for statement in statements(resource, effect)
        )

    return met("Allow") and not met("Deny")
