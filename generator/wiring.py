"""How values travel: derived from what the layers declared, written nowhere else.

    nested beside its producer    Output of the one, Fn::GetAtt in the root, Parameter of the other
    nested under its producer     the root's own value, Parameter
    a single stack beside it      Output with Export, Fn::ImportValue
    anywhere else                 Output of the top stack, carried by the rollout, Parameter

`connect` gives every draft its Parameters and Outputs; `nest` fills the root that holds the
regional layers; `sources` says where each Parameter of a top stack gets its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from troposphere import Export, GetAtt, Join, Output, Parameter, Ref, Tags
from troposphere.cloudformation import Stack

from generator.errors import WiringError
from generator.layers import root
from generator.layers.draft import (
    Draft,
    Expression,
    Need,
    Scope,
    Tunable,
    export_name,
    sub,
)

NESTED_TIMEOUT_MINUTES = 60
"""A nested stack that is not created by then has failed: the slowest, the cache, takes about 20.
Updates are not bounded by it."""


class Carried(NamedTuple):
    """A Parameter's value that the rollout reads from another stack's output."""

    layer: str
    region: str
    output: str


class Given(NamedTuple):
    """A Parameter's value that the settings gave, and that an operator may change."""

    tunable: Tunable


Source = Carried | Given


def connect(drafts: Sequence[Draft]) -> None:
    """Give each draft the Parameters that it needs and the Outputs that others use."""
    _merge_tunables(drafts)
    producers = find_producers(drafts)
    used = {need.offer.name for draft in drafts for need in draft.needs.values()}
    imported = {name for draft in drafts for name in draft.imports}
    for draft in drafts:
        _demand_producers(draft, producers)
        if draft.layer.scope is Scope.ROOT:
            continue  # `nest` wires it, once the names of its children's files are known.
        nested = draft.layer.scope is Scope.REGIONAL
        for need in draft.needs.values():
            origin = "" if nested else _origin(draft, need, producers)
            draft.template.add_parameter(_carrying_parameter(need, origin))
        for tunable in draft.tunables.values():
            parameter = tunable.resolved() if nested else tunable.parameter()
            draft.template.add_parameter(parameter)
        _add_outputs(draft, used, imported)
        draft.template.set_metadata(console_interface(draft, [draft]))


def find_producers(drafts: Iterable[Draft]) -> dict[str, Draft]:
    """Who offers what. Two that offer the same name are a bug."""
    producers: dict[str, Draft] = {}
    for draft in drafts:
        for name in draft.offers:
            if name in producers:
                other = producers[name].layer.name
                raise WiringError(f"{name} is offered by {other} and {draft.layer.name}")
            producers[name] = draft
    return producers


def _merge_tunables(drafts: Iterable[Draft]) -> dict[str, Tunable]:
    known: dict[str, Tunable] = {}
    for draft in drafts:
        for name, tunable in draft.tunables.items():
            if known.setdefault(name, tunable) != tunable:
                raise WiringError(f"{draft.layer.name} defines {name} unlike an earlier layer")
    return known


def _demand_producers(draft: Draft, producers: Mapping[str, Draft]) -> None:
    wanted = {need.offer.name for need in draft.needs.values()} | set(draft.imports)
    missing = sorted(wanted - set(producers))
    if missing:
        raise WiringError(f"{draft.layer.name} needs {', '.join(missing)}, which no layer offers")


def _carrying_parameter(need: Need, origin: str = "") -> Parameter:
    pattern = {"AllowedPattern": need.offer.pattern} if need.offer.pattern else {}
    return Parameter(
        need.parameter, Type=need.offer.type, Description=need.offer.description + origin, **pattern
    )


def _origin(draft: Draft, need: Need, producers: Mapping[str, Draft]) -> str:
    """Where whoever launches the stack by hand copies the value from."""
    source = _carried(draft, need, producers)
    return f" Output {source.output} of {draft.stack(source.layer)} in {source.region}."


def _add_outputs(draft: Draft, used: set[str], imported: set[str]) -> None:
    for offer, value in draft.offers.values():
        if offer.published or offer.name in used | imported:
            name = export_name(draft.settings, offer)
            export = {"Export": Export(name)} if offer.name in imported else {}
            draft.template.add_output(
                Output(offer.name, Description=offer.description, Value=value, **export)
            )


def console_interface(holder: Draft, drafts: Sequence[Draft]) -> dict[str, object]:
    """Groups and labels of the holder's Parameters, a group a draft, for console users."""
    left = dict.fromkeys(holder.template.parameters)
    groups: list[object] = []
    labels: dict[str, object] = {}
    for draft in drafts:
        own = [name for name in (*draft.needs, *draft.tunables) if name in left]
        labels |= {name: {"default": _label(draft, name)} for name in own}
        if own:
            groups.append({"Label": {"default": draft.layer.title}, "Parameters": own})
        left = {name: None for name in left if name not in own}
    interface = {"ParameterGroups": groups, "ParameterLabels": labels}
    return {"AWS::CloudFormation::Interface": interface} if groups else {}


def _label(draft: Draft, name: str) -> str:
    if name in draft.tunables:
        return draft.tunables[name].label
    need = draft.needs[name]
    meaning = need.offer.description.rstrip(".")
    return f"{need.region}: {meaning}" if need.region else meaning


# --- the root of a Region -------------------------------------------------------------------------


def nest(
    holder: Draft, children: Sequence[Draft], outsiders: Sequence[Draft], files: Mapping[str, str]
) -> None:
    """Fill the root with one nested stack a child, wired to its siblings.

    `files` maps a layer's name to its template's file name, so that the same root can point at
    `network.template.json` or at a name made of its content. `outsiders` are the other top stacks:
    what they need of a child goes up through the root's outputs.
    """
    siblings = find_producers(children)
    producers = find_producers([*children, *outsiders])
    for name, tunable in _merge_tunables([holder, *children]).items():
        holder.template.parameters[name] = tunable.parameter()
    holder.needs.update(outer_needs(holder, children))
    for name, need in holder.needs.items():
        origin = _origin(holder, need, producers)
        holder.template.parameters[name] = _carrying_parameter(need, origin)
    for child in children:
        _add_nested_stack(holder, child, siblings, files[child.layer.name])
    _publish(holder, children, outsiders)
    holder.template.set_metadata(console_interface(holder, [holder, *children]))


def outer_needs(holder: Draft, children: Sequence[Draft]) -> dict[str, Need]:
    """What a stack needs of others: its own needs, and its children's that no sibling meets."""
    inside = {*holder.offers, *find_producers(children)}
    needs = {name: need for draft in (holder, *children) for name, need in draft.needs.items()}
    return {name: need for name, need in needs.items() if need.offer.name not in inside}


def _add_nested_stack(
    holder: Draft, child: Draft, siblings: Mapping[str, Draft], file: str
) -> None:
    arguments = {name: _argument(holder, n, siblings) for name, n in child.needs.items()}
    arguments |= {name: _passed(Ref(name), t.type) for name, t in child.tunables.items()}
    holder.add(
        Stack(
            child.layer.logical_id,
            TemplateURL=_template_url(holder, file),
            Parameters=arguments,
            TimeoutInMinutes=NESTED_TIMEOUT_MINUTES,
            Tags=Tags(Layer=child.layer.name),
        )
    )


def _template_url(holder: Draft, file: str) -> Expression:
    bucket = holder.offers[root.ARTIFACT_BUCKET.name][1]
    return sub(
        f"https://${{Bucket}}.s3.${{AWS::Region}}.${{AWS::URLSuffix}}/${{ArtifactPrefix}}{file}",
        Bucket=bucket,
    )


def _argument(holder: Draft, need: Need, siblings: Mapping[str, Draft]) -> Expression:
    name = need.offer.name
    if name in holder.offers:
        return holder.offers[name][1]
    if name in siblings:
        return GetAtt(siblings[name].layer.logical_id, f"Outputs.{name}")
    return _passed(Ref(need.parameter), need.offer.type)


def _passed(value: Ref, parameter_type: str) -> Expression:
    """A list parameter reaches a nested stack as text."""
    is_list = parameter_type.startswith("List<") or parameter_type == "CommaDelimitedList"
    return Join(",", value) if is_list else value


def _publish(holder: Draft, children: Sequence[Draft], outsiders: Sequence[Draft]) -> None:
    wanted = {need.offer.name for draft in outsiders for need in draft.needs.values()}
    for child in children:
        for offer, _ in child.offers.values():
            if offer.published or offer.name in wanted:
                value = GetAtt(child.layer.logical_id, f"Outputs.{offer.name}")
                holder.template.add_output(
                    Output(offer.name, Description=offer.description, Value=value)
                )


# --- where a top stack's Parameters come from -----------------------------------------------------


def sources(
    draft: Draft, children: Sequence[Draft], producers: Mapping[str, Draft]
) -> dict[str, Source]:
    """The source of each Parameter of a top stack; `children` are those that it nests."""
    tunables = _merge_tunables([draft, *children])
    found: dict[str, Source] = {name: Given(tunable) for name, tunable in tunables.items()}
    for name, need in outer_needs(draft, children).items():
        found[name] = _carried(draft, need, producers)
    return found


def _carried(draft: Draft, need: Need, producers: Mapping[str, Draft]) -> Carried:
    producer = producers[need.offer.name].layer
    stack = root.LAYER.name if producer.scope is Scope.REGIONAL else producer.name
    return Carried(stack, _source_region(draft, need), need.offer.name)


def _source_region(draft: Draft, need: Need) -> str:
    """The Region of the stack that offers it: as asked, or the only one that its scope has."""
    if need.region:
        return need.region
    if need.offer.scope in (Scope.HOME, Scope.EDGE):
        return need.offer.scope.regions(draft.settings)[0]
    raise WiringError(f"{draft.layer.name} must say whose {need.offer.name} it needs")
