"""A page of links: each opens CloudFormation's console with one stack filled in.

For whoever has a browser and an account, and no Python. The page lies beside the templates, works
from a file, and asks for the account's id only, which is in the names of the artifact buckets.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html

A link carries what differs from the template's defaults. What is read from another stack's outputs
is known only when that stack stands: it is named beside the link. Stack sets have no such links, so
here each of their Regions gets a stack of its own, of the same template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

from generator import names
from generator.build.parameter_files import values
from generator.build.units import Unit
from generator.layers import storage
from generator.settings.model import Settings
from generator.wiring import Carried

PAGE = "quick-create.html"
FRAME = Path(__file__).with_name("quick_create.html")
ACCOUNT = "ACCOUNT-ID"
"""Stands in every address for the twelve digits that the page asks for."""


class Step(NamedTuple):
    """One thing to do: the address that opens the console, and what the page says of it."""

    title: str
    address: str
    remark: str = ""
    copied: tuple[tuple[str, str], ...] = ()
    """Parameters to fill in, and the outputs they are copied from."""


def page(
    settings: Settings, units: Sequence[Unit], files: Mapping[str, str], packed: Mapping[str, str]
) -> str:
    """The page of one environment. `files` are the templates' names by layer."""
    items = map(_item, steps(settings, units, files, packed))
    return (
        FRAME.read_text(encoding="utf-8")
        .replace("{{title}}", escape(settings.prefix))
        .replace("{{account}}", ACCOUNT)
        .replace("{{steps}}", "\n".join(items))
    )


def steps(
    settings: Settings, units: Sequence[Unit], files: Mapping[str, str], packed: Mapping[str, str]
) -> Iterator[Step]:
    """What a person does, in rollout order: the buckets, what goes into them, stack by stack."""
    bucket_makers = [unit for unit in units if unit.layer is storage.LAYER]
    for unit in bucket_makers:
        yield from (_first(settings, region, files[unit.layer.name]) for region in unit.regions)
    yield from (_upload(settings, region) for region in settings.all_regions)
    for unit in units:
        if unit not in bucket_makers:
            template = files[unit.layer.name]
            yield from (_stack(settings, unit, r, template, packed) for r in unit.regions)


def _first(settings: Settings, region: str, template: str) -> Step:
    """The stack that makes the bucket: no link can name its template, which lies in none yet."""
    title = f"{names.stack(settings, storage.LAYER.name)}, {region}"
    return Step(title, _console(region, "/stacks/create"), f"Upload the template file {template}.")


def _upload(settings: Settings, region: str) -> Step:
    bucket = _bucket(settings, region)
    address = f"https://{region}.console.aws.amazon.com/s3/buckets/{bucket}?region={region}"
    remark = f"Every file of this folder, into a folder {settings.prefix}/ of the bucket."
    return Step(f"Upload to {bucket}", address, remark)


def _stack(
    settings: Settings, unit: Unit, region: str, template: str, packed: Mapping[str, str]
) -> Step:
    changed = {
        f"param_{name}": value
        for name, value in values(unit, region, packed).items()
        if value != str(unit.given[name].tunable.default)
    }
    stack = names.stack(settings, unit.layer.name)
    folder = f"https://{_bucket(settings, region)}.s3.{region}.amazonaws.com/{settings.prefix}"
    query = {"templateURL": f"{folder}/{template}", "stackName": stack} | changed
    address = _console(region, f"/stacks/create/review?{urlencode(query, quote_via=quote)}")
    remark = "A stack set in a rollout." if unit.layer.scope.is_stack_set else ""
    copied = tuple((name, _origin(settings, source)) for name, source in unit.carried.items())
    return Step(f"{stack}, {region}", address, remark, copied)


def _origin(settings: Settings, source: Carried) -> str:
    return f"{source.output} of {names.stack(settings, source.layer)}, {source.region}"


def _console(region: str, place: str) -> str:
    return f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#{place}"


def _bucket(settings: Settings, region: str) -> str:
    name = names.artifact_bucket(settings)
    return name.replace("${AWS::AccountId}", ACCOUNT).replace("${AWS::Region}", region)


def _item(step: Step) -> str:
    opens = f'target="_blank" rel="noopener" href="{escape(step.address)}"'
    return (
        f"<li><a {opens}>{escape(step.title)}</a> {escape(step.remark)}{_table(step.copied)}</li>"
    )


def _table(copied: Sequence[tuple[str, str]]) -> str:
    if not copied:
        return ""
    rows = "".join(f"<tr><td>{name}</td><td>{origin}</td></tr>" for name, origin in copied)
    return f"<table><tr><th>fill in</th><th>from the output</th></tr>{rows}</table>"
