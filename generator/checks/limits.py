"""CloudFormation's own limits, as used/limit.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

INLINE_BYTES = 51_200
"""Above this a template has to come from S3."""


class Usage(NamedTuple):
    """How much of one limit a template uses."""

    name: str
    used: int
    limit: int

    @property
    def exceeded(self) -> bool:
        """Whether CloudFormation would refuse the template."""
        return self.used > self.limit

    def __str__(self) -> str:
        return f"{self.used:,}/{self.limit:,}"


SECTION_LIMITS = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
TEMPLATE_BYTES = 1_048_576
DESCRIPTION_BYTES = 1_024
NAME_CHARACTERS = 255
PARAMETER_VALUE_BYTES = 4_096
STACK_NAME_CHARACTERS = 128


def usages(text: str, body: Mapping[str, Any]) -> tuple[Usage, ...]:
    """The limits of one template, the size first."""
    return (
        Usage("template bytes", len(text.encode()), TEMPLATE_BYTES),
        *(Usage(k.lower(), len(body.get(k, {})), most) for k, most in SECTION_LIMITS.items()),
        Usage("description bytes", len(body.get("Description", "").encode()), DESCRIPTION_BYTES),
        Usage("longest logical id", max(map(len, _names(body)), default=0), NAME_CHARACTERS),
        Usage("longest default", max(_default_sizes(body), default=0), PARAMETER_VALUE_BYTES),
    )


def stack_name_usage(name: str) -> Usage:
    """The limit on a stack's name. Nested stacks append about 30 characters of their own."""
    return Usage("stack name", len(name), STACK_NAME_CHARACTERS)


def fits_inline(text: str) -> bool:
    """Whether the template can be passed as a body, without a bucket."""
    return len(text.encode()) <= INLINE_BYTES


def _names(body: Mapping[str, Any]) -> Iterator[str]:
    for section in SECTION_LIMITS:
        yield from body.get(section, {})


def _default_sizes(body: Mapping[str, Any]) -> Iterator[int]:
    for parameter in body.get("Parameters", {}).values():
        yield len(str(parameter.get("Default", "")).encode())
