"""All rows of an environment, and what is missing from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.report.encryption.estate import Estate
from generator.report.encryption.resource import Resource, Template
from generator.report.encryption.rows import Row, Unreadable
from generator.report.encryption.types import NOTHING, READERS

UNKNOWN = (
    "is of a type that the encryption map does not know: give {type} a reader, or a reason in"
    " generator/report/encryption/types.py"
)


class Gap(NamedTuple):
    """A resource that the map cannot show: its template, its place there, why."""

    template: str
    where: str
    problem: str


class Chart(NamedTuple):
    """The map of one environment, sorted. It is whole when there are no gaps."""

    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]


def read(manifest: Mapping[str, Any], templates: Mapping[str, Template]) -> Chart:
    """Read an environment: its manifest, and its templates by file name."""
    estate = Estate(manifest, templates)
    rows: list[Row] = []
    gaps: list[Gap] = []
    for resource in estate:
        try:
            rows += _rows(estate, resource)
        except Unreadable as error:
            gaps.append(_gap(resource, str(error)))
        except (KeyError, TypeError, AttributeError) as error:
            gaps.append(_gap(resource, f"is of no shape that the encryption map knows ({error!r})"))
    return Chart(tuple(sorted(rows)), tuple(sorted(gaps)))


def _rows(estate: Estate, resource: Resource) -> Iterator[Row]:
    if reader := READERS.get(resource.type):
        yield from reader(estate, resource)
    elif resource.type not in NOTHING:
        raise Unreadable(UNKNOWN.format(type=resource.type))


def _gap(resource: Resource, problem: str) -> Gap:
    return Gap(resource.file, f"Resources/{resource.logical_id}", problem)
