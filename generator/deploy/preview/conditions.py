"""A template under its parameters: which resources it has, and with which values.

Ref of parameters, If, Sub, Join, Select, Split and FindInMap are worked out as far as the
parameters reach. What only AWS knows (a resource's id, a pseudo parameter, an import, a parameter
without a value) stays as the function that asks for it, in one normal form, so that two templates
can be compared. A condition that hangs on such a value counts as true where it decides whether a
resource is there; inside a property both branches stay.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from generator.deploy.preview.intrinsics import is_function, is_known, join, joined, select, split

Body = Mapping[str, Any]
NO_VALUE = {"Ref": "AWS::NoValue"}
VARIABLE = re.compile(r"\$\{([^}]*)\}")
ATTRIBUTES = ("Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""Attributes whose change CloudFormation reports. DependsOn only orders, and is not one of them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html (Scope)
"""


class Resource(NamedTuple):
    """A resource that is there, its values worked out."""

    type: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]


def resources_of(body: Body, parameters: Mapping[str, str]) -> dict[str, Resource]:
    """The resources that a template has under these parameters, by logical id.

    Pseudo parameters may be given too (`AWS::Region`), where they are known.
    """
    template = Template(body, parameters)
    return {
        name: template.resource(entry)
        for name, entry in body.get("Resources", {}).items()
        if template.truth({"Condition": entry["Condition"]} if "Condition" in entry else True)
        is not False
    }


class Template:
    """One template and its parameters."""

    def __init__(self, body: Body, parameters: Mapping[str, str]) -> None:
        self._values = dict(_parameter_values(body.get("Parameters", {}), parameters))
        self._mappings = body.get("Mappings", {})
        self._conditions = body.get("Conditions", {})

    def resource(self, entry: Body) -> Resource:
        """A resource with its values worked out."""
        properties = self.value(entry.get("Properties", {}))
        attributes = {name: self.value(entry[name]) for name in ATTRIBUTES if name in entry}
        return Resource(entry["Type"], properties, attributes)

    def truth(self, condition: Any) -> bool | None:
        """Whether a condition holds; None where only AWS knows."""
        match condition:
            case bool():
                return condition
            case {"Condition": str(name)}:
                return self.truth(self._conditions.get(name))
            case {"Fn::Equals": [first, second]}:
                return self._equal(first, second)
            case {"Fn::Not": [inner]}:
                holds = self.truth(inner)
                return None if holds is None else not holds
            case {"Fn::And": list(parts)}:
                return _all([self.truth(part) for part in parts])
            case {"Fn::Or": list(parts)}:
                none_holds = _all([self.truth({"Fn::Not": [part]}) for part in parts])
                return None if none_holds is None else not none_holds
            case _:
                return None

    def _equal(self, first: Any, second: Any) -> bool | None:
        one, other = self.value(first), self.value(second)
        if one == other:
            return True
        return False if is_known(one) and is_known(other) else None

    def value(self, node: Any) -> Any:
        """A value worked out; scalars as text, which is how CloudFormation compares them."""
        match node:
            case dict() if len(node) == 1 and is_function(next(iter(node))):
                ((function, argument),) = node.items()
                return self._call(function, argument)
            case dict():
                worked_out = ((key, self.value(inner)) for key, inner in node.items())
                return {key: inner for key, inner in worked_out if inner != NO_VALUE}
            case list():
                return [inner for inner in map(self.value, node) if inner != NO_VALUE]
            case bool():
                return str(node).lower()
            case _:
                return str(node)

    def _call(self, function: str, argument: Any) -> Any:
        match function, argument:
            case "Ref", str(name):
                return self._values.get(name, {"Ref": name})
            case "Fn::GetAtt", str(text):
                return {"Fn::GetAtt": text.split(".", 1)}
            case "Fn::If", [str(name), yes, no]:
                return self._if(name, yes, no)
            case "Fn::Sub", _:
                return self._sub(argument)
            case "Fn::Join", [str(delimiter), parts]:
                return join(delimiter, self.value(parts))
            case "Fn::Select", [index, options]:
                return select(self.value(index), self.value(options))
            case "Fn::Split", [str(delimiter), text]:
                return split(delimiter, self.value(text))
            case "Fn::FindInMap", [name, *keys]:
                return self._find(self.value(name), self.value(keys))
            case _:
                return {function: self.value(argument)}

    def _if(self, name: str, yes: Any, no: Any) -> Any:
        holds = self.truth({"Condition": name})
        if holds is None:
            return {"Fn::If": [self._spelled_out(name), self.value(yes), self.value(no)]}
        return self.value(yes if holds else no)

    def _spelled_out(self, name: str) -> Any:
        """A condition's own expression: two templates may mean different things by one name."""
        return self._expand(self._conditions.get(name, name))

    def _expand(self, condition: Any) -> Any:
        match condition:
            case {"Condition": str(name)}:
                return self._spelled_out(name)
            case {"Fn::Equals": _}:
                return self.value(condition)
            case dict():
                return {
                    key: [self._expand(part) for part in parts] for key, parts in condition.items()
                }
            case _:
                return condition

    def _sub(self, argument: Any) -> Any:
        text, own = argument if isinstance(argument, list) else (argument, {})
        pieces = VARIABLE.split(text)
        parts = [
            piece if number % 2 == 0 else self._variable(piece, own)
            for number, piece in enumerate(pieces)
        ]
        return joined(parts)

    def _variable(self, name: str, own: Mapping[str, Any]) -> Any:
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in own:
            return self.value(own[name])
        return self.value({"Fn::GetAtt" if "." in name else "Ref": name})

    def _find(self, name: Any, keys: list[Any]) -> Any:
        """The mapping itself stays in what can't be looked up: it may differ, too."""
        found = self._mappings.get(name, name) if isinstance(name, str) else name
        for key in keys[:2]:
            if not (isinstance(found, Mapping) and isinstance(key, str) and key in found):
                return {"Fn::FindInMap": [self._mappings.get(name, name), *keys]}
            found = found[key]
        return self.value(found)


def pseudo_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """Those among the parameters."""
    return {name: value for name, value in given.items() if name.startswith("AWS::")}


def _parameter_values(
    declared: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    yield from pseudo_parameters(given).items()
    for name, entry in declared.items():
        value = given.get(name, entry.get("Default"))
        if value is not None:
            kind = entry.get("Type", "String")
            is_list = kind == "CommaDelimitedList" or "List<" in kind
            yield name, [part.strip() for part in str(value).split(",")] if is_list else str(value)


def _all(parts: Iterable[bool | None]) -> bool | None:
    known = list(parts)
    if False in known:
        return False
    return None if None in known else True
