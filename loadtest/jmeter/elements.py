"""The elements of a test plan, written so that JMeter 2.13 and 5.x both read them.

Each element is followed by a <hashTree> of what is under it. Names of classes and properties are
JMeter's own, a misspelling included.
https://jmeter.apache.org/usermanual/component_reference.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement

Values = Mapping[str, str | bool | int]
_NONE: Values = MappingProxyType({})


class Node(NamedTuple):
    """An element, and what is under it."""

    element: Element
    below: tuple[Node, ...] = ()


def tree(*nodes: Node) -> Element:
    """The <hashTree> of these."""
    root = Element("hashTree")
    for node in nodes:
        root.extend((node.element, tree(*node.below)))
    return root


def element(
    kind: str, gui: str, name: str, values: Values = _NONE, *properties: Element
) -> Element:
    """An element: its plain properties first, then those that have a form of their own."""
    found = Element(kind, guiclass=gui, testclass=kind, testname=name, enabled="true")
    return _filled(found, values, properties)


def part(name: str, kind: str, values: Values = _NONE, *properties: Element) -> Element:
    """An element that is a property of another."""
    return _filled(Element("elementProp", name=name, elementType=kind), values, properties)


def parts(name: str, items: Iterable[Element]) -> Element:
    """A list, as a property."""
    found = Element("collectionProp", name=name)
    found.extend(items)
    return found


def texts(name: str, values: Iterable[str]) -> Element:
    """A list of texts; JMeter does not read what each is called."""
    return parts(name, (_plain(str(at), value) for at, value in enumerate(values)))


def arguments(name: str, values: Mapping[str, str]) -> Element:
    """Variables with their values, as a property."""
    each = (
        part(key, "Argument", {"Argument.name": key, "Argument.value": value})
        for key, value in values.items()
    )
    return part(name, "Arguments", _NONE, parts("Arguments.arguments", each))


def decimal(kind: str, name: str, value: float) -> Element:
    """A `doubleProp` or a `FloatProperty`; unlike other properties it has its name inside."""
    found = Element(kind)
    for tag, text in (("name", name), ("value", repr(value)), ("savedValue", "0.0")):
        SubElement(found, tag).text = text
    return found


def _filled(into: Element, values: Values, properties: Iterable[Element]) -> Element:
    into.extend(_plain(name, value) for name, value in values.items())
    into.extend(properties)
    return into


def _plain(name: str, value: str | bool | int) -> Element:
    tag = {str: "stringProp", bool: "boolProp", int: "intProp"}[type(value)]
    found = Element(tag, name=name)
    found.text = str(value).lower() if isinstance(value, bool) else str(value)
    return found
