"""Like seams, for resource types: what surrounds ministack's own functions that provision them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from generator.sandbox import seams
from generator.sandbox.contract import Seam

if TYPE_CHECKING:
    from generator.sandbox.resources.resource import Extension, Made, Properties

_Functions = MutableMapping[str, Any]

_PROVISIONERS = "ministack.services.cloudformation.provisioners"
SEAMS = (
    Seam(_PROVISIONERS, "_RESOURCE_HANDLERS", dict),
    Seam(_PROVISIONERS, "_STACK_TAG_PROPERTY", dict),
    Seam(_PROVISIONERS, "_CONDITIONALLY_REPLACING_PROPERTIES", dict),
    Seam(_PROVISIONERS, "_CUSTOM_NAME_REPLACEMENT", dict),
    Seam(_PROVISIONERS, "_zip_inline", ("source", "handler", "runtime")),
)


def register_tags(resource_type: str, name: str) -> None:
    """Say which property of a type takes the stack's tags, as a list of Key and Value."""
    provisioners._STACK_TAG_PROPERTY[resource_type] = (name, "list")


def register_name(resource_type: str, name: str) -> None:
    """Say which property names a type: what is named there is replaced only when it is renamed."""
    provisioners._CUSTOM_NAME_REPLACEMENT[resource_type] = {"name": name}


def register_conditional(resource_type: str, properties: Iterable[str]) -> None:
    """Say which properties may replace the resource: change sets say so, updates decide."""
    provisioners._CONDITIONALLY_REPLACING_PROPERTIES[resource_type] = tuple(sorted(properties))


def extend_resource(resource_type: str, extension: Extension) -> None:
    """Do what ministack's own type lacks, before and after it; on a worker thread from now on."""
    theirs: _Functions = provisioners._RESOURCE_HANDLERS[resource_type]
    functions: _Functions = dict(theirs)
    functions["create"] = _extended_create(theirs, extension)
    functions["delete"] = _extended_delete(theirs, extension)
    if "update" in theirs:
        functions["update"] = _extended_update(theirs, extension)
    provisioners._RESOURCE_HANDLERS[resource_type] = functions
    seams.run_on_worker_thread(resource_type)


def _extended_create(theirs: _Functions, extension: Extension) -> Callable[..., Made]:
    def create(logical_id: str, properties: Properties, stack: str) -> Made:
        extension.before_create(logical_id, properties, stack)
        made: Made = theirs["create"](logical_id, extension.accepted(properties), stack)
        try:
            return extension.created(made, properties, stack)
        except Exception:
            theirs["delete"](made[0], properties)
            raise

    return create


def _extended_update(theirs: _Functions, extension: Extension) -> Callable[..., Made]:
    def update(physical_id: str, old: Properties, new: Properties, stack: str, *rest: Any) -> Made:
        before = extension.before_update(physical_id, old, new, stack)
        given = (extension.accepted(old), extension.accepted(new))
        made: Made = theirs["update"](physical_id, *given, stack, *rest)
        if made[0] != physical_id:
            return extension.created(made, new, stack)
        return extension.updated(made, before, new, stack)

    return update


def _extended_delete(theirs: _Functions, extension: Extension) -> Callable[..., None]:
    def delete(physical_id: str, properties: Properties, *rest: Any) -> None:
        extension.before_delete(physical_id, properties)
        theirs["delete"](physical_id, properties, *rest)

    return delete


def register_snapshot(resource_type: str, snapshot: Callable[[str, Properties], None]) -> None:
    """What DeletionPolicy: Snapshot does; it runs on the event loop and must not block."""
    provisioners._RESOURCE_HANDLERS[resource_type]["snapshot"] = snapshot


def add_to_inline_code(texts: Mapping[str, str]) -> None:
    """Put files beside the inline code of every Python function: names to texts."""
    theirs: Callable[..., bytes | None] = provisioners._zip_inline

    def zip_inline(source: str | None, handler: str, runtime: str = "python3.12") -> bytes | None:
        archive = theirs(source, handler, runtime)
        if archive is None or not runtime.startswith("python"):
            return archive
        grown = io.BytesIO(archive)
        with zipfile.ZipFile(grown, "a", zipfile.ZIP_DEFLATED) as files:
            for name, text in texts.items():
                files.writestr(name, text)
        return grown.getvalue()

    provisioners._zip_inline = zip_inline
