"""From the template and parameters of a request to a definition, or the error that AWS gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from generator.sandbox import template_seams
from generator.sandbox.stack_sets.faults import Fault, invalid
from generator.sandbox.stack_sets.protocol import Request
from generator.sandbox.stack_sets.records import Definition
from generator.sandbox.stack_sets.stacks import TEMPLATE_URL, call, checked

_RESERVED = "aws:"
_FETCHED = "text behind TemplateURL"


def definition(request: Request, previous: Definition | None = None) -> Definition:
    """The definition that a create or an update asks for. Raises Fault."""
    text = _template(request, previous)
    with template_seams.document_at(TEMPLATE_URL, text):
        summary = call("ValidateTemplate", TemplateURL=TEMPLATE_URL)
    capabilities = tuple(request.get("Capabilities", ()))
    _check_capabilities(summary.get("Capabilities", []), capabilities)
    declared = template_seams.parsed_template(text).get("Parameters", {})
    given = request.get("Parameters", [])
    return Definition(
        template=text,
        parameters=_values(declared, given, previous.parameters if previous else {}),
        concealed=tuple(name for name, each in declared.items() if _is_true(each.get("NoEcho"))),
        capabilities=capabilities,
        tags=_tags(request, previous),
    )


def _template(request: Request, previous: Definition | None) -> str:
    given = [name for name in ("TemplateBody", "TemplateURL") if name in request]
    if request.get("UsePreviousTemplate"):
        given.append("UsePreviousTemplate")
    if len(given) != 1:
        also = ", or UsePreviousTemplate" if previous else ""
        raise invalid(f"Specify exactly one of TemplateBody or TemplateURL{also}")
    if given == ["UsePreviousTemplate"] and previous:
        return previous.template
    return request[_FETCHED] if _FETCHED in request else _text(given[0], request)


def _text(given: str, request: Request) -> str:
    text, error = template_seams.template_text({given: [request[given]]})
    if error is not None:
        checked("ValidateTemplate", error)
    return text or ""


def fetched(request: Request) -> Request:
    """The request with the text behind its TemplateURL: what its caller can read there."""
    if "TemplateURL" not in request:
        return request
    return {**request, _FETCHED: _text("TemplateURL", request)}


def _check_capabilities(needed: Iterable[str], given: Iterable[str]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStackSet.html"""
    given = set(given)
    if "CAPABILITY_NAMED_IAM" in given:
        given.add("CAPABILITY_IAM")
    missing = [each for each in needed if each not in given]
    if missing:
        message = f"Requires capabilities : [{', '.join(missing)}]"
        raise Fault("InsufficientCapabilitiesException", message)


def _values(
    declared: Mapping[str, Mapping[str, Any]],
    given: Iterable[Mapping[str, Any]],
    previous: Mapping[str, str],
) -> dict[str, str]:
    """Every declared parameter's value: given, the previous one where asked for, or the default."""
    named = {each["ParameterKey"]: each for each in given}
    check_known(named, declared)
    values: dict[str, str] = {}
    for name, declaration in declared.items():
        entry = named.get(name, {})
        if "ParameterValue" in entry:
            values[name] = entry["ParameterValue"]
        elif entry.get("UsePreviousValue") and name in previous:
            values[name] = previous[name]
        elif "Default" in declaration:
            values[name] = as_text(declaration["Default"])
    missing = [name for name in declared if name not in values]
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    return values


def check_known(names: Iterable[str], declared: Iterable[str]) -> None:
    """Raises Fault for parameters that the template does not declare."""
    unknown = sorted(set(names) - set(declared))
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")


def as_text(value: Any) -> str:
    """A parameter's default as CloudFormation passes it on: text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _tags(request: Request, previous: Definition | None) -> dict[str, str]:
    """Given tags replace all that there were; without Tags they stay."""
    if "Tags" not in request and previous:
        return previous.tags
    tags = {each["Key"]: each["Value"] for each in request.get("Tags", [])}
    reserved = [key for key in tags if key.lower().startswith(_RESERVED)]
    if reserved:
        raise invalid(f"Tag keys can't start with {_RESERVED}: {', '.join(reserved)}")
    return tags
