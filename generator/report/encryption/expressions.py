"""What an expression in a template of an environment means.

A value can come from a sibling in the same template, through the Parameter of a nested stack, an
import, the rollout (`carried` in the manifest), or by a name that both ends derive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from generator.report.encryption.resource import Resource, Template

STACK = "AWS::CloudFormation::Stack"
HOLE = re.compile(r"\$\{(?!AWS::)([^!}]+)\}")
"""A place in the text of Fn::Sub that the template fills, not CloudFormation."""


class Expressions:
    """The templates of an environment, and how what is in one reaches another."""

    def __init__(self, manifest: Mapping[str, Any], templates: Mapping[str, Template]) -> None:
        self._templates = templates
        self._layers = {file: e["layer"] for file, e in manifest["templates"].items()}
        self._units = {unit["layer"]: unit for unit in manifest["rollout"]}
        self._unit_of = {unit["template"]: unit for unit in manifest["rollout"]}
        self._parents = dict(self._nesting())

    def resources(self) -> Iterator[Resource]:
        """All resources of all templates, in rollout order."""
        for file, template in self._templates.items():
            for name, body in template["Resources"].items():
                yield self._resource(file, name, body)

    def _resource(self, file: str, name: str, body: Mapping[str, Any]) -> Resource:
        return Resource(file, self._layers[file], name, body["Type"], body)

    def _nesting(self) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
        """Nested file to its root's file, and the properties of the stack there."""
        for file, unit in self._unit_of.items():
            for body in self._templates[file]["Resources"].values() if unit["nested"] else ():
                if body["Type"] == STACK:
                    url = str(body["Properties"]["TemplateURL"])
                    for nested in (name for name in unit["nested"] if name in url):
                        yield nested, (file, body["Properties"])

    def resolve(self, file: str, value: object) -> Resource | str | None:
        """The resource that an expression of `file` names, or its text; None for what only AWS
        knows."""
        match value:
            case str():
                return value
            case {"Ref": str(name)}:
                return self._ref(file, name)
            case {"Fn::GetAtt": [str(owner), str(attribute)]}:
                return self._attribute(file, owner, attribute)
            case {"Fn::ImportValue": str(name)}:
                return self._imported(name)
            case {"Fn::If": [_, one, other]}:
                return _common([self.resolve(file, one), self.resolve(file, other)])
            case {"Fn::Join": ["", [*parts]]}:
                return _merged([self.resolve(file, part) for part in parts])
            case {"Fn::Sub": str(text)}:
                return self._substituted(file, text, {})
            case {"Fn::Sub": [str(text), dict(values)]}:
                return self._substituted(file, text, values)
        return None

    def _ref(self, file: str, name: str) -> Resource | str | None:
        template = self._templates[file]
        if name.startswith("AWS::"):
            return f"${{{name}}}"
        if body := template["Resources"].get(name):
            return self._resource(file, name, body)
        return self._parameter(file, name, template.get("Parameters", {}).get(name, {}))

    def _parameter(
        self, file: str, name: str, declared: Mapping[str, Any]
    ) -> Resource | str | None:
        if parent := self._parents.get(file):
            above, stack = parent
            given = stack.get("Parameters", {})
            return self.resolve(above, given[name]) if name in given else None
        carried = self._unit_of[file]["carried"].get(name) if file in self._unit_of else None
        if carried:
            return self._output(self._units[carried["layer"]]["template"], carried["output"])
        default = declared.get("Default")
        return None if default is None else str(default)

    def _attribute(self, file: str, owner: str, attribute: str) -> Resource | str | None:
        found = self._ref(file, owner)
        if isinstance(found, Resource) and found.type == STACK:
            for nested, (above, stack) in self._parents.items():
                if above == file and stack is found.properties:
                    return self._output(nested, attribute.removeprefix("Outputs."))
        return found

    def _imported(self, name: str) -> Resource | str | None:
        return self.resolve(*self._exports[name]) if name in self._exports else None

    @cached_property
    def _exports(self) -> dict[str, tuple[str, object]]:
        return {
            str(output["Export"]["Name"]): (file, output["Value"])
            for file in self._unit_of
            for output in self._templates[file].get("Outputs", {}).values()
            if "Export" in output
        }

    def _output(self, file: str, name: str) -> Resource | str | None:
        output = self._templates[file].get("Outputs", {}).get(name)
        return self.resolve(file, output["Value"]) if output else None

    def _substituted(
        self, file: str, text: str, values: Mapping[str, Any]
    ) -> Resource | str | None:
        parts: list[Resource | str | None] = []
        for index, part in enumerate(HOLE.split(text)):
            if index % 2 == 0:
                parts.append(part)
            elif part in values:
                parts.append(self.resolve(file, values[part]))
            else:
                owner, _, attribute = part.partition(".")
                parts.append(self._attribute(file, owner, attribute))
        return _merged(parts)


def _common(branches: list[Resource | str | None]) -> Resource | str | None:
    """What all branches of Fn::If mean; None where they differ, as with AWS::NoValue in one.

    An empty Parameter says "not given", and so no other thing.
    """
    meant = [branch for branch in branches if branch != ""]
    return meant[0] if meant and all(branch == meant[0] for branch in meant) else None


def _merged(parts: list[Resource | str | None]) -> Resource | str | None:
    """The resource that is named in the middle of an ARN, else the whole text."""
    resources = [part for part in parts if isinstance(part, Resource)]
    if resources:
        return resources[-1]
    return "".join(str(part or "") for part in parts)
