"""Proof that the templates of an environment fit together.

It reads what a rollout reads, the manifest and the JSON, and knows nothing of the layers that made
them, so that it also catches a mistake in the derivation itself. Over nesting, exports, and stack
sets: each input has exactly one source, of the right type, that stands earlier; each output has a
use.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from generator.checks.expressions import find_functions, nested_file, output_type, value_type
from generator.report.encryption.chart import Chart, read

Template = Mapping[str, Any]
STACK = "AWS::CloudFormation::Stack"
LISTS = ("CommaDelimitedList", "List<")


class Breach(NamedTuple):
    """A place where the templates do not fit together."""

    template: str
    where: str
    problem: str

    def __str__(self) -> str:
        return f"{self.template}: {self.where}: {self.problem}"


class Bundle:
    """An environment as files: its manifest, and its templates by file name."""

    def __init__(self, manifest: Mapping[str, Any], templates: Mapping[str, Template]) -> None:
        self.manifest, self.templates = manifest, templates
        self.units = {unit["layer"]: unit for unit in manifest["rollout"]}

    @cached_property
    def exports(self) -> dict[str, list[str]]:
        """Export name to the layers that export it."""
        found: dict[str, list[str]] = {}
        for layer, unit in self.units.items():
            for output in self.templates[unit["template"]].get("Outputs", {}).values():
                if "Export" in output:
                    found.setdefault(str(output["Export"]["Name"]), []).append(layer)
        return found

    @cached_property
    def encryption(self) -> Chart:
        """What holds or carries data in it, and what protects that."""
        return read(self.manifest, self.templates)

    @cached_property
    def imports(self) -> dict[str, list[tuple[str, Any]]]:
        """Layer to its uses of Fn::ImportValue: place and export name."""
        return {
            layer: list(find_functions(self.templates[unit["template"]], "Fn::ImportValue"))
            for layer, unit in self.units.items()
        }

    @cached_property
    def earlier(self) -> dict[str, set[str]]:
        """Layer to all layers that stand before it, directly or not."""
        found: dict[str, set[str]] = {}
        for layer, unit in self.units.items():
            direct = set(unit["after"])
            found[layer] = direct.union(*(found.get(name, set()) for name in direct))
        return found


def breaches(bundle: Bundle) -> tuple[Breach, ...]:
    """Every breach of the contract; none is what a build wants."""
    found: list[Breach] = []
    for unit in bundle.manifest["rollout"]:
        found += _order(bundle, unit)
        found += _carried_inputs(bundle, unit)
        found += _imports(bundle, unit)
        found += _nested_stacks(bundle, unit)
        found += _unused_outputs(bundle, unit)
    return tuple(sorted(found))


def _order(bundle: Bundle, unit: Mapping[str, Any]) -> Iterator[Breach]:
    before = list(bundle.units)[: list(bundle.units).index(unit["layer"])]
    for name in unit["after"]:
        if name not in before:
            yield Breach(unit["template"], "manifest", f"stands after {name}, which comes later")


# --- inputs of the stacks that a rollout makes ----------------------------------------------------


def _carried_inputs(bundle: Bundle, unit: Mapping[str, Any]) -> Iterator[Breach]:
    parameters = bundle.templates[unit["template"]].get("Parameters", {})
    for name in sorted(set(unit["carried"]) - set(parameters)):
        yield Breach(unit["template"], f"Parameters/{name}", "is carried, but not declared")
    for name, parameter in parameters.items():
        where = f"Parameters/{name}"
        if name in unit["carried"]:
            problem = _carriage_problem(bundle, unit, name, parameter["Type"])
            if problem:
                yield Breach(unit["template"], where, problem)
        elif "Default" not in parameter:
            yield Breach(unit["template"], where, "has neither a source nor a default")


def _carriage_problem(
    bundle: Bundle, unit: Mapping[str, Any], name: str, wanted: str
) -> str | None:
    source = unit["carried"][name]
    producer = bundle.units.get(source["layer"])
    if producer is None:
        return f"its source {source['layer']} is not rolled out"
    if producer["kind"] != "stack":
        return f"its source {source['layer']} is a stack set, whose outputs nobody can read"
    if source["region"] not in producer["regions"]:
        return f"its source {source['layer']} does not stand in {source['region']}"
    if source["layer"] not in bundle.earlier[unit["layer"]]:
        return f"its source {source['layer']} is not rolled out before"
    template = bundle.templates[producer["template"]]
    if source["output"] not in template.get("Outputs", {}):
        return f"{source['layer']} has no output {source['output']}"
    return _type_problem(wanted, output_type(bundle.templates, template, source["output"]))


def _type_problem(wanted: str, given: str | None) -> str | None:
    """Why a value does not fit; None where it does, or where the template cannot tell."""
    if given is None:
        return None
    if wanted in ("String", "Number"):
        is_list = given.startswith(LISTS)
        return f"is a {wanted}, but its source is a {given}" if is_list else None
    return f"is a {wanted}, but its source is a {given}" if given != wanted else None


def _imports(bundle: Bundle, unit: Mapping[str, Any]) -> Iterator[Breach]:
    for where, name in bundle.imports[unit["layer"]]:
        exporters = bundle.exports.get(name, []) if isinstance(name, str) else []
        if len(exporters) != 1:
            yield Breach(
                unit["template"], where, f"imports {name}, exported {len(exporters)} times"
            )
        elif exporters[0] not in bundle.earlier[unit["layer"]]:
            yield Breach(unit["template"], where, f"imports {name} of {exporters[0]}, not earlier")
        elif not set(unit["regions"]) <= set(bundle.units[exporters[0]]["regions"]):
            yield Breach(unit["template"], where, f"imports {name} of another Region")


# --- nested stacks --------------------------------------------------------------------------------


def _nested_stacks(bundle: Bundle, unit: Mapping[str, Any]) -> Iterator[Breach]:
    holder = bundle.templates[unit["template"]]
    for logical_id, resource in holder["Resources"].items():
        if resource["Type"] == STACK:
            for problem in _nested_problems(bundle, holder, resource["Properties"]):
                yield Breach(unit["template"], f"Resources/{logical_id}", problem)


def _nested_problems(
    bundle: Bundle, holder: Template, properties: Mapping[str, Any]
) -> Iterator[str]:
    file = nested_file(properties)
    if file not in bundle.templates:
        yield f"points at {file}, which is not built"
        return
    parameters = bundle.templates[file].get("Parameters", {})
    given = properties.get("Parameters", {})
    for name in sorted(set(given) - set(parameters)):
        yield f"gives {name}, which {file} does not declare"
    for name, parameter in parameters.items():
        if name in given:
            kind = value_type(bundle.templates, holder, given[name])
            problem = _type_problem(parameter["Type"], kind)
            if problem:
                yield f"{name} {problem}"
        elif "Default" not in parameter:
            yield f"does not give {name}, which {file} needs"
    yield from _dangling_outputs(bundle, holder, given)


def _dangling_outputs(bundle: Bundle, holder: Template, given: object) -> Iterator[str]:
    for _, target in find_functions(given, "Fn::GetAtt"):
        stack, output = target[0], str(target[1]).removeprefix("Outputs.")
        producer = holder["Resources"].get(stack, {})
        if producer.get("Type") == STACK:
            file = nested_file(producer["Properties"])
            if output not in bundle.templates.get(file, {}).get("Outputs", {}):
                yield f"asks {stack} for {output}, which it does not output"


# --- outputs --------------------------------------------------------------------------------------


def _unused_outputs(bundle: Bundle, unit: Mapping[str, Any]) -> Iterator[Breach]:
    holder = bundle.templates[unit["template"]]
    used = set(unit["published"]) | _carried_from(bundle, unit["layer"])
    imported = {name for found in bundle.imports.values() for _, name in found}
    for name, output in holder.get("Outputs", {}).items():
        export = output.get("Export", {}).get("Name")
        if name not in used and export not in imported:
            yield Breach(unit["template"], f"Outputs/{name}", "is used by nobody")
    if unit["nested"]:
        yield from _unused_nested_outputs(bundle, holder)


def _unused_nested_outputs(bundle: Bundle, holder: Template) -> Iterator[Breach]:
    asked = {tuple(target) for _, target in find_functions(holder, "Fn::GetAtt")}
    for logical_id, resource in holder["Resources"].items():
        if resource["Type"] == STACK:
            file = nested_file(resource["Properties"])
            for name in bundle.templates.get(file, {}).get("Outputs", {}):
                if (logical_id, f"Outputs.{name}") not in asked:
                    yield Breach(file, f"Outputs/{name}", "is used by nobody")


def _carried_from(bundle: Bundle, layer: str) -> set[str]:
    sources = [s for unit in bundle.units.values() for s in unit["carried"].values()]
    return {source["output"] for source in sources if source["layer"] == layer}
