"""What every rule needs: to read a template without trusting it, and to point at what is wrong.

A value in a template is one of three things: missing (None), known (a literal, or a parameter's
default), or known only when the stack is deployed (an intrinsic function, left as it stands).
`find` yields all the values that can stand at a place, both sides of an Fn::If among them;
`differs` is true only of a value that is surely wrong.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from cfnlint.rules import RuleMatch
from cfnlint.template import Template

EACH = "*"  # in a path: every item of the list that stands there
SUB_VARIABLE = re.compile(r"\$\{([^!.}][^.}]*)[^}]*\}")


class Spot(NamedTuple):
    """A value and where it stands."""

    path: tuple[str | int, ...]
    value: Any

    @property
    def name(self) -> str:
        """The logical id that it belongs to."""
        return str(self.path[1])


def layer_tags(layer: str) -> list[str]:
    return ["gtm", layer]


def report(spot: Spot, message: str) -> RuleMatch:
    return RuleMatch(list(spot.path), f"{spot.name}: {message}")


def section(cfn: Template, name: str) -> dict[str, Any]:
    found = cfn.template.get(name)
    return found if isinstance(found, dict) else {}


def bodies(cfn: Template, *types: str) -> Iterator[Spot]:
    """Whole resources, for what stands beside Properties."""
    for name, body in section(cfn, "Resources").items():
        if isinstance(body, dict) and body.get("Type") in types:
            yield Spot(("Resources", name), body)


def resources(cfn: Template, *types: str) -> Iterator[Spot]:
    """The properties of each resource of these types."""
    for body in bodies(cfn, *types):
        properties = body.value.get("Properties")
        if isinstance(properties, dict):
            yield Spot((*body.path, "Properties"), properties)
        else:
            yield Spot(body.path, {})


def find(cfn: Template, spot: Spot, *keys: str) -> Iterator[Spot]:
    """Every value that can stand below spot, at the path of keys."""
    for here in _variants(cfn, spot):
        if not keys or is_unknown(here.value):
            yield here
        elif keys[0] == EACH:
            for item in _items(cfn, here):
                yield from find(cfn, item, *keys[1:])
        else:
            yield from find(cfn, _child(here, keys[0]), *keys[1:])


def values(cfn: Template, spot: Spot, *keys: str) -> list[Any]:
    return [found.value for found in find(cfn, spot, *keys)]


def by_key(cfn: Template, spot: Spot, pairs: str, key: str) -> Any:
    """The Value of a key in a list of Key/Value objects: tags, load balancer attributes."""
    answer = None
    for item in find(cfn, spot, pairs, EACH):
        if is_unknown(item.value):
            answer = item.value
        elif key in values(cfn, item, "Key"):
            return next(iter(values(cfn, item, "Value")), None)
    return answer


def _child(here: Spot, key: str) -> Spot:
    if isinstance(here.value, dict) and key in here.value:
        return Spot((*here.path, key), here.value[key])
    return Spot(here.path, None)


def _items(cfn: Template, here: Spot) -> Iterator[Spot]:
    if isinstance(here.value, list):
        spots = [Spot((*here.path, index), item) for index, item in enumerate(here.value)]
    else:  # IAM takes one statement or action without its list
        spots = [here]
    for spot in spots:
        yield from (item for item in _variants(cfn, spot) if item.value is not None)


def _variants(cfn: Template, spot: Spot) -> Iterator[Spot]:
    match spot.value:
        case {"Fn::If": [_, yes, no]}:
            yield from _variants(cfn, Spot((*spot.path, "Fn::If", 1), yes))
            yield from _variants(cfn, Spot((*spot.path, "Fn::If", 2), no))
        case {"Ref": "AWS::NoValue"}:
            yield Spot(spot.path, None)
        case {"Ref": str(name)}:
            yield Spot(spot.path, _default(cfn, name, otherwise=spot.value))
        case _:
            yield spot


def _default(cfn: Template, name: str, otherwise: Any) -> Any:
    parameter = section(cfn, "Parameters").get(name)
    if not isinstance(parameter, dict) or parameter.get("Default") is None:
        return otherwise
    kind, default = str(parameter.get("Type")), parameter["Default"]
    if kind.startswith("AWS::SSM::"):  # the default is the name of a stored value, not the value
        return otherwise
    if kind == "CommaDelimitedList" or kind.startswith("List<"):
        return [item.strip() for item in str(default).split(",")]
    return default


def is_unknown(value: Any) -> bool:
    """Whether the template alone does not say what the value is."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = str(next(iter(value)))
    return key == "Ref" or key.startswith("Fn::")


def differs(value: Any, *allowed: Any) -> bool:
    """Whether the value is surely none of these; true, "true" and "True" are the same to AWS."""
    return not is_unknown(value) and str(value).lower() not in {str(one).lower() for one in allowed}


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return parsed if math.isfinite(parsed := float(value)) else None
    except (ValueError, OverflowError):
        return None


def text(value: Any) -> str:
    """A value in one spelling, to compare or to group by."""
    return json.dumps(value, sort_keys=True, default=str)


def refers_to(value: Any) -> set[str]:
    """Logical ids of what a value is made of, by Ref, Fn::GetAtt or Fn::Sub at any depth."""
    match value:
        case {"Ref": str(name)}:
            return {name}
        case {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case {"Fn::GetAtt": str(name)}:
            return {name.split(".")[0]}
        case {"Fn::Sub": str(pattern)}:
            return set(SUB_VARIABLE.findall(pattern))
        case {"Fn::Sub": [str(pattern), dict(variables)]}:
            own = set(SUB_VARIABLE.findall(pattern)) - {str(key) for key in variables}
            return own.union(*(refers_to(one) for one in variables.values()))
        case dict():
            return set().union(*(refers_to(one) for one in value.values()))
        case list():
            return set().union(*(refers_to(one) for one in value))
    return set()


def target(value: Any) -> str:
    """The one logical id that a value points at; otherwise its text."""
    names = refers_to(value)
    return names.pop() if len(names) == 1 else text(value)
