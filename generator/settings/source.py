"""YAML nodes → plain data, and where each key and value of it was written.

The data is what a reader of the file expects, not what YAML 1.1 makes of it: `012`, `1:30`, dates
and hexadecimal numbers are faults that say how to write what was meant. Only text, whole numbers,
decimals, true/false, null, lists and mappings pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import yaml

from generator.errors import Fault
from generator.settings.scalars import Unclear, scalar, short
from generator.settings.text import WHOLE_FILE, document, whole

Location = tuple[str | int, ...]

MOST_VALUES = 5000
STAND_IN = "unnamed"
"""The environment of a file whose own is faulty, while the rest of it is examined."""
_TAG = "tag:yaml.org,2002:"


class Place(NamedTuple):
    """Where something was written; `plain` is a scalar's text if it had no quotes."""

    line: int
    column: int
    plain: str | None = None


@dataclass
class Source:
    """A settings file as plain data, with places, and the faults that YAML itself shows."""

    file: str
    data: dict[str, object] = field(default_factory=dict)
    keys: dict[Location, Place] = field(default_factory=dict)
    values: dict[Location, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    faulty: set[Location] = field(default_factory=set)

    def place(self, at: Location, prefer_key: bool = False) -> Place:
        """Where `at` was written, or the nearest thing around it that was."""
        first, second = (self.keys, self.values) if prefer_key else (self.values, self.keys)
        while at:
            if found := first.get(at) or second.get(at):
                return found
            at, first, second = at[:-1], self.keys, self.values
        return Place(1, 1)

    def add_fault(self, at: Location, problem: str, remedy: str, place: Place) -> None:
        """Record a fault, and that the value there is not to be relied on."""
        self.faults.append(Fault(self.file, place.line, place.column, dotted(at), problem, remedy))
        self.faulty.add(at)


def dotted(at: Location) -> str:
    """`regions[1].name` of ("regions", 1, "name")."""
    parts = (f"[{part}]" if isinstance(part, int) else "." + _word(part) for part in at)
    return "".join(parts).removeprefix(".") or WHOLE_FILE


def _word(key: str) -> str:
    return short(key) or '""'


def parse(text: str, name: str) -> Source:
    """Read the text of one settings file."""
    root = document(text, name)
    if not isinstance(root, yaml.MappingNode):
        remedy = "Write `key: value` lines, as parameters/dev.yaml does."
        raise whole(name, "this is no mapping of keys to values", remedy, *_place(root)[:2])
    if root.tag != f"{_TAG}map":
        raise whole(name, *_about_tag(root.tag), *_place(root)[:2])
    source = Source(name)
    source.data = _Reader(source).mapping(root, ())
    return source


class _Refused(Exception):
    """A value that must not appear in the data; its fault has been recorded."""


class _Reader:
    """Walks the nodes once. What aliases name is copied, so the walk itself is bounded."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.count = 0
        self.open: list[yaml.Node] = []

    def mapping(self, node: yaml.MappingNode, at: Location) -> dict[str, object]:
        """The data of a mapping; what is refused in it is left out."""
        found: dict[str, object] = {}
        with self._inside(node, at):
            for key, (key_node, child) in self._entries(node, at).items():
                self.source.keys[*at, key] = _place(key_node)
                with suppress(_Refused):
                    found[key] = self._value(child, (*at, key))
        return found

    def _sequence(self, node: yaml.SequenceNode, at: Location) -> list[object]:
        """The items of a list; a refused one is None, so that the others keep their index."""
        found: list[object] = [None] * len(node.value)
        with self._inside(node, at):
            for index, child in enumerate(node.value):
                with suppress(_Refused):
                    found[index] = self._value(child, (*at, index))
        return found

    def _value(self, node: yaml.Node, at: Location) -> object:
        self.source.values[at] = _place(node)
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.MappingNode) and kind == "map":
            return self.mapping(node, at)
        if isinstance(node, yaml.SequenceNode) and kind == "seq":
            return self._sequence(node, at)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, kind, at)
        raise self._refused(node, at, *_about_tag(node.tag))

    def _scalar(self, node: yaml.ScalarNode, kind: str, at: Location) -> object:
        self._count(node, at)
        try:
            return scalar(kind, node.value)
        except Unclear as unclear:
            raise self._refused(node, at, unclear.problem, unclear.remedy) from None
        except LookupError:
            raise self._refused(node, at, *_about_tag(node.tag)) from None

    def _refused(self, node: yaml.Node, at: Location, problem: str, remedy: str) -> _Refused:
        self.source.add_fault(at, problem, remedy, _place(node))
        return _Refused()

    def _entries(
        self, node: yaml.MappingNode, at: Location
    ) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """A mapping's keys and values by name: merged ones (<<) first, its own over them."""
        own: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        merged: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key_node, child in node.value:
            self._count(key_node, at)
            if key_node.tag == f"{_TAG}merge":
                merged = {**self._merged(child, at), **merged}
            elif (key := self._key(key_node, at, own)) is not None:
                own[key] = (key_node, child)
        return {**merged, **own}

    def _merged(self, node: yaml.Node, at: Location) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        """What `<<` brings: one mapping, or several of which the first wins."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for source in reversed(sources):
            if not isinstance(source, yaml.MappingNode):
                remedy = "Write an alias of a mapping, as in `<<: *name`."
                self._refused(source, (*at, "<<"), "`<<` merges mappings only", remedy)
                continue
            with self._inside(source, at):
                found |= self._entries(source, at)
        return found

    def _key(
        self, node: yaml.Node, at: Location, own: dict[str, tuple[yaml.Node, yaml.Node]]
    ) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            remedy = "Delete the `?` or the brackets: a key is a word."
            self._refused(node, (*at, "?"), "a key has to be text, not a list or a mapping", remedy)
            return None
        key: str = node.value
        if node.tag != f"{_TAG}str":
            problem = f"the key {short(key)} is not text to YAML"
            self._refused(node, (*at, key), problem, f'Quote it, as in "{short(key)}": …')
            return None
        if key in own:
            remedy = f"It is written on line {_place(own[key][0]).line} too; keep one of them."
            self._refused(node, (*at, key), "the key is written twice", remedy)
            return None
        return key

    @contextmanager
    def _inside(self, node: yaml.Node, at: Location) -> Iterator[None]:
        """Within a list or mapping, which must not contain itself."""
        self._count(node, at)
        if any(node is outer for outer in self.open):
            remedy = "An anchor (&name) must not hold its own alias (*name)."
            problem = f"{dotted(at)} contains itself"
            raise whole(self.source.file, problem, remedy, *_place(node)[:2])
        self.open.append(node)
        try:
            yield
        finally:
            self.open.pop()

    def _count(self, node: yaml.Node, at: Location) -> None:
        """Bound the whole: a few nested aliases can stand for billions of values."""
        self.count += 1
        if self.count > MOST_VALUES:
            problem = f"more than {MOST_VALUES} values, counting what aliases repeat"
            remedy = "A settings file has a few hundred; use fewer aliases."
            raise whole(self.source.file, problem, remedy, *_place(node)[:2])


def _place(node: yaml.Node) -> Place:
    mark = node.start_mark
    plain = node.value if isinstance(node, yaml.ScalarNode) and not node.style else None
    return Place(mark.line + 1, mark.column + 1, plain)


def _about_tag(tag: str) -> tuple[str, str]:
    name = short(tag.replace(_TAG, "!!"))
    return (
        f"the YAML tag {name} is refused",
        "Delete the tag: settings are text, numbers, true/false, lists and mappings.",
    )
