"""The templates of an environment as one whole: its resources, and what they mean by each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from generator.report.encryption.expressions import Expressions
from generator.report.encryption.resource import Resource, Statement, Template

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


Grant = tuple[Resource, str, Statement]
"""A role, the file of a policy of its, and a statement there that allows something."""


class Estate:
    """All resources of an environment, and what they mean by each other."""

    def __init__(self, manifest: Mapping[str, Any], templates: Mapping[str, Template]) -> None:
        self._expressions = Expressions(manifest, templates)
        self._names: dict[str, dict[str, Resource]] = {}
        self.grants: dict[str, list[Grant]] = {}
        """What allows an action to roles of the platform, once it is known."""
        self.readers: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {}
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
        for resource in self._expressions.resources():
            found.setdefault(resource.type, []).append(resource)
        return found

    def resolve(self, file: str, value: object) -> Resource | str | None:
        """What an expression of `file` means: see Expressions.resolve."""
        return self._expressions.resolve(file, value)

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
