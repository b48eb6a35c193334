"""IncludeNestedStacks: a change set for each nested stack that a change set would make or change.

What a nested stack is given is worked out from what stands: an output of a sibling keeps its value
unless the resource that it comes from is new or replaced, and is unknown then. So a nested stack
whose template and parameters stay as they are has no change set and is not listed. CloudFormation
itself is less exact: it lists what refers to a sibling's outputs as changing although it does not
(aws-cloudformation/cloudformation-coverage-roadmap#759), so a plan must bear both.

A nested stack that is to be removed is one Remove of its parent, and one that is new stands in no
list of stacks before the root is executed.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/change-sets-for-nested-stacks.html
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from generator.sandbox import nested_stacks, seams, template_seams

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""CloudFormation's own words for a value that a change set can't know."""
NO_CHANGES = (
    "The submitted information didn't contain changes. "
    "Submit different information to create a change set."
)
_NAME_LIMIT = 128
Resources = dict[str, seams.Record]


class _Unknowns(dict[str, str]):
    """The attributes of what does not stand yet."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> str:
        return UNKNOWN


def include(change_set: seams.Record, stack: seams.Record, make: seams.Handler) -> Resources:
    """Add the change sets of nested stacks to one; `make` is ministack's CreateChangeSet.

    Answers what would stand after it, as far as that is known. Raises ValueError when a nested
    stack's change set can't be made.
    """
    template = change_set["_template"]
    if not change_set["_tags_given"]:
        change_set["_standing_tags"] = stack.get("Tags", [])
    changes = {each["ResourceChange"]["LogicalResourceId"]: each for each in change_set["Changes"]}
    after = _after(stack, changes)
    holding = template_seams.conditions(template, change_set["_resolved_params"])
    for logical_id in template_seams.in_order(template, holding):
        if template["Resources"][logical_id]["Type"] != seams.STACK:
            continue
        properties = template_seams.resolved(_properties(template, logical_id), change_set, after)
        standing = stack["_resources"].get(logical_id)
        stays = standing is not None and standing["Properties"] == properties
        if stays and "Tags" not in _targets(changes, logical_id):
            _drop_if_only_properties(changes, logical_id)
        else:
            after[logical_id] = _child(change_set, logical_id, standing, properties, make)
            _refer(changes, logical_id, after[logical_id])
    _settle(change_set, [changes[name] for name in sorted(changes)])
    return after


def _after(stack: seams.Record, changes: Mapping[str, Any]) -> Resources:
    """What stands, with what is to be made or replaced as unknown."""
    unknown = {"PhysicalResourceId": UNKNOWN, "Attributes": _Unknowns()}
    touched = [name for name, change in changes.items() if _is_unknown(change["ResourceChange"])]
    return dict(stack["_resources"]) | dict.fromkeys(touched, unknown)


def _is_unknown(change: Mapping[str, Any]) -> bool:
    if change["ResourceType"] == seams.STACK and change["Action"] == "Modify":
        return False
    return change["Action"] == "Add" or change.get("Replacement") in ("True", "Conditional")


def _properties(template: Mapping[str, Any], logical_id: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][logical_id].get("Properties", {})
    return found


def _drop_if_only_properties(changes: dict[str, Any], logical_id: str) -> None:
    """Take away a change that only a reference made: nothing that it refers to changes."""
    if _targets(changes, logical_id) == {"Properties"}:
        del changes[logical_id]


def _targets(changes: Mapping[str, Any], logical_id: str) -> set[str]:
    """The attributes of a resource that change: Properties, Tags, DeletionPolicy, …"""
    change = changes.get(logical_id, {}).get("ResourceChange", {})
    return {detail["Target"]["Attribute"] for detail in change.get("Details", [])}


def _refer(changes: dict[str, Any], logical_id: str, child: seams.Record) -> None:
    """Name the nested stack's change set in the parent's change, which may not be there yet."""
    change = changes.setdefault(
        logical_id,
        {
            "ResourceChange": {
                "Action": "Modify",
                "LogicalResourceId": logical_id,
                "PhysicalResourceId": child["PhysicalResourceId"],
                "ResourceType": seams.STACK,
                "Replacement": "False",
                "Scope": ["Properties"],
                "Details": [],
            }
        },
    )
    if child["ChangeSetId"]:
        change["ResourceChange"]["ChangeSetId"] = child["ChangeSetId"]


def _settle(change_set: seams.Record, changes: list[Any]) -> None:
    change_set["Changes"] = changes
    if changes:
        outcome = ("CREATE_COMPLETE", "AVAILABLE", "")
    else:
        outcome = ("FAILED", "UNAVAILABLE", NO_CHANGES)
    change_set["Status"], change_set["ExecutionStatus"], change_set["StatusReason"] = outcome


# --- one nested stack


def _child(
    parent: seams.Record,
    logical_id: str,
    standing: seams.Record | None,
    properties: Mapping[str, Any],
    make: seams.Handler,
) -> seams.Record:
    """Make the change set of a nested stack; answers the nested stack as it would stand then."""
    stack = nested_stacks.find(standing["PhysicalResourceId"]) if standing else None
    name = (
        stack["StackName"] if stack else nested_stacks.child_name(parent["StackName"], logical_id)
    )
    child = _make(parent, name, "UPDATE" if stack else "CREATE", properties, make)
    child |= {
        "IncludeNestedStacks": True,
        "ParentChangeSetId": parent["ChangeSetId"],
        "RootChangeSetId": parent.get("RootChangeSetId", parent["ChangeSetId"]),
    }
    after = include(child, stack or {"_resources": {}}, make)
    if stack is None:
        seams.stack_records().pop(name)
    if child["Status"] == "FAILED":
        seams.change_set_records().pop(child["ChangeSetId"])
    return {
        "PhysicalResourceId": stack["StackId"] if stack else UNKNOWN,
        "Attributes": _outputs(child, after),
        "ChangeSetId": child["ChangeSetId"] if child["Status"] != "FAILED" else "",
    }


def _make(
    parent: seams.Record,
    name: str,
    change_set_type: str,
    properties: Mapping[str, Any],
    make: seams.Handler,
) -> seams.Record:
    url = str(properties["TemplateURL"])
    text, error = template_seams.template_text({"TemplateURL": [url]})
    if text is None or error is not None:
        raise ValueError(seams.message(error) if error else f"{url} is empty")
    given = nested_stacks.parameter_list(dict(properties))
    change_set_name = f"{parent['ChangeSetName'][: _NAME_LIMIT - 9]}-{secrets.token_hex(4)}"
    request = {
        "StackName": [name],
        "ChangeSetName": [change_set_name],
        "ChangeSetType": [change_set_type],
        "TemplateURL": [url],
        **_members("Parameters", given),
        **_members("Tags", _tags(parent, properties)),
    }
    with template_seams.document_at(url, _bearing_unknowns(text, given)):
        answer = make(request)
    if answer[0] != 200:
        raise ValueError(seams.message(answer))
    records = seams.change_set_records().values()
    return next(each for each in records if each["ChangeSetName"] == change_set_name)


def _members(name: str, entries: Iterable[Mapping[str, str]]) -> seams.Params:
    return {
        f"{name}.member.{number}.{key}": [value]
        for number, entry in enumerate(entries, start=1)
        for key, value in entry.items()
    }


def _tags(parent: seams.Record, properties: Mapping[str, Any]) -> list[dict[str, str]]:
    own = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    given = parent["_standing_tags"] if "_standing_tags" in parent else parent["Tags"]
    inherited = {tag["Key"]: tag["Value"] for tag in given}
    return [{"Key": key, "Value": value} for key, value in (inherited | own).items()]


def _bearing_unknowns(text: str, given: Iterable[Mapping[str, str]]) -> str:
    """The template, whose unknown parameters may have any value."""
    unknown = {each["ParameterKey"] for each in given if UNKNOWN in each["ParameterValue"]}
    if not unknown:
        return text
    template = dict(template_seams.parsed_template(text))
    free = {name: _without_limits(template["Parameters"][name]) for name in unknown}
    return json.dumps(template | {"Parameters": template["Parameters"] | free})


def _without_limits(parameter: Mapping[str, Any]) -> dict[str, Any]:
    is_list = "List" in parameter["Type"]
    kept = {name: parameter[name] for name in ("Description", "NoEcho") if name in parameter}
    return kept | {"Type": "CommaDelimitedList" if is_list else "String"}


def _outputs(change_set: seams.Record, after: Resources) -> dict[str, str]:
    """The nested stack's outputs as far as they are known."""
    template = change_set["_template"]
    return {
        f"Outputs.{name}": _output(output["Value"], change_set, after)
        for name, output in template.get("Outputs", {}).items()
    }


def _output(content: Any, change_set: seams.Record, after: Resources) -> str:
    try:
        found = str(template_seams.resolved(content, change_set, after))
    except (ValueError, IndexError):
        return UNKNOWN
    return UNKNOWN if UNKNOWN in found else found
