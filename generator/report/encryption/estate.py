"""The templates of an environment as one whole: what an expression in one of them means.

A value can come from a sibling in the same template, through the Parameter of a nested stack, an
import, the rollout (`carried` in the manifest), or by a name that both ends derive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

Template = Mapping[str, Any]
Statement = Mapping[str, Any]
STACK = "AWS::CloudFormation::Stack"
HOLE = re.compile(r"\$\{(?!AWS::)([^!}]+)\}")
"""A place in the text of Fn::Sub that the template fills, not CloudFormation."""
NAMES = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
}
"""The property by which others, in any template, may know a resource."""


class Resource(NamedTuple):
    """One resource of one template."""

    file: str
    layer: str
    logical_id: str
    type: str
    body: Mapping[str, Any]

    @property
    def place(self) -> str:
        """As the map shows it."""
        return f"{self.layer}/{self.logical_id}"

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its properties; none is none."""
        found: Mapping[str, Any] = self.body.get("Properties", {})
        return found

    def reason(self, *matters: str) -> str | None:
        """What its Metadata says on one of these matters, or on a check's finding of that id."""
        metadata = self.body.get("Metadata", {})
        said = dict(metadata.get("Reasons", {}))
        said |= {s["id"]: s["comment"] for s in metadata.get("checkov", {}).get("skip", ())}
        return next((said[matter] for matter in matters if matter in said), None)


Grant = tuple[Resource, str, Statement]
"""A role, the file of a policy of its, and a statement there that allows something."""


class Estate:
    """All resources of an environment, and what they mean by each other."""

    def __init__(self, manifest: Mapping[str, Any], templates: Mapping[str, Template]) -> None:
        self._templates = templates
        self._layers = {file: e["layer"] for file, e in manifest["templates"].items()}
        self._units = {unit["layer"]: unit for unit in manifest["rollout"]}
        self._unit_of = {unit["template"]: unit for unit in manifest["rollout"]}
        self._parents = dict(self._nesting())
        self._names: dict[str, dict[str, Resource]] = {}
        self.grants: dict[str, list[Grant]] = {}
        """What allows an action to roles of the platform, once it is known."""
        self.readers: dict[str, tuple[tuple[str, str], ...]] = {}
        """Who may decrypt with a key, and through what only: by its place, once it is known."""

    def __iter__(self) -> Iterator[Resource]:
        for found in self._by_type.values():
            yield from found

    def of_type(self, *types: str) -> Iterator[Resource]:
        """All resources of these types, in rollout order."""
        for kind in types:
            yield from self._by_type.get(kind, ())

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for file, template in self._templates.items():
            for name, body in template["Resources"].items():
                resource = Resource(file, self._layers[file], name, body["Type"], body)
                found.setdefault(body["Type"], []).append(resource)
        return found

    def _nesting(self) -> Iterator[tuple[str, tuple[str, Mapping[str, Any]]]]:
        """Nested file to its root's file, and the properties of the stack there."""
        for file, unit in self._unit_of.items():
            for body in self._templates[file]["Resources"].values() if unit["nested"] else ():
                if body["Type"] == STACK:
                    url = str(body["Properties"]["TemplateURL"])
                    for nested in (name for name in unit["nested"] if name in url):
                        yield nested, (file, body["Properties"])

    # --- what an expression means -----------------------------------------------------------------

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
            case {"Fn::If": [_, usual, _]}:
                return self.resolve(file, usual)
            case {"Fn::Join": ["", [*parts]]}:
                return _merged([self.resolve(file, part) for part in parts])
            case {"Fn::Sub": str(text)}:
                return self._substituted(file, text, {})
            case {"Fn::Sub": [str(text), dict(values)]}:
                return self._substituted(file, text, values)
        return None

    def find(self, kind: str, file: str, value: object) -> Resource | None:
        """The resource of a type that an expression means, by itself or by a name in its text."""
        match self.resolve(file, value):
            case Resource() as resource if resource.type == kind:
                return resource
            case str(text):
                named = [name for name in self._named(kind) if name in text]
                return self._named(kind)[max(named, key=len)] if named else None
        return None

    def name_of(self, resource: Resource) -> str | None:
        """The name that others may know it by, where it has a fixed one."""
        name = self.resolve(resource.file, resource.properties.get(NAMES[resource.type]))
        return name if isinstance(name, str) else None

    def _named(self, kind: str) -> dict[str, Resource]:
        if kind not in self._names:
            found: dict[str, Resource] = {}
            for resource in self.of_type(kind):
                if name := self.name_of(resource):
                    found.setdefault(name, resource)
            self._names[kind] = found
        return self._names[kind]

    def _ref(self, file: str, name: str) -> Resource | str | None:
        template = self._templates[file]
        if name.startswith("AWS::"):
            return f"${{{name}}}"
        if body := template["Resources"].get(name):
            return Resource(file, self._layers[file], name, body["Type"], body)
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


def _merged(parts: list[Resource | str | None]) -> Resource | str | None:
    """The resource that is named in the middle of an ARN, else the whole text."""
    resources = [part for part in parts if isinstance(part, Resource)]
    if resources:
        return resources[-1]
    return "".join(str(part or "") for part in parts)
