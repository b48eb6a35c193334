"""`explain`: what a layer makes and why, what a rule wants and its fix."""

from __future__ import annotations

import sys
from typing import Annotated, Protocol, cast

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import Environment
from generator.errors import CheckFailed, UsageError
from generator.workspace import find_workspace

ENCRYPTION = "encryption"


def command(
    topic: Annotated[
        str,
        typer.Argument(
            help="A layer (network), a step (01), a rule (E9011), encryption, or nothing."
        ),
    ] = "",
    env: Environment = "reference",
) -> None:
    """Say what a layer, a step or a rule is about, or what protects an environment's data.

    Example: python -m generator explain network
    """
    console = open_console()
    if topic.upper().startswith("E9"):
        explain_rule(console, topic.upper())
    elif topic == ENCRYPTION:
        explain_encryption(console, env)
    elif topic:
        explain_layer(console, topic, env)
    else:
        explain_platform(console)


def explain_encryption(console: Console, environment: str) -> None:
    """Everything that holds or carries data in an environment: key, rotation, transport, readers.

    Raises CheckFailed where something is missing from the map.
    """
    from generator.build.pipeline import bundle_of
    from generator.build.release import build_release
    from generator.checks.encryption import unmapped
    from generator.report import encryption
    from generator.settings import load

    bundle = bundle_of(build_release(load(find_workspace().settings_file(environment))))
    for title, columns, rows in encryption.tables(bundle.encryption):
        console.table(title, columns, rows)
    if missing := unmapped(bundle):
        raise CheckFailed("\n".join(map(str, missing)))


def explain_platform(console: Console) -> None:
    """All layers, in rollout order."""
    from generator.blueprint import LAYERS

    rows = [(layer.step, layer.name, layer.scope.value, layer.purpose) for layer in LAYERS]
    console.table("the platform, in rollout order", ("step", "layer", "stands as", "makes"), rows)


def explain_layer(console: Console, topic: str, environment: str) -> None:
    """What one layer makes, needs, offers and lets an operator tune, in one environment.

    Raises UsageError where no layer of that environment has this name or step.
    """
    from generator.blueprint import draft_platform
    from generator.settings import load

    platform = draft_platform(load(find_workspace().settings_file(environment)))
    found = [d for d in platform.drafts if topic in (d.layer.name, d.layer.step)]
    if not found:
        names = ", ".join(draft.layer.name for draft in platform.drafts)
        raise UsageError(f"{environment} has no layer {topic}; it has: {names}")
    for draft in found:
        layer = draft.layer
        console.line(f"{layer.title}: {layer.purpose}; {layer.scope.value}")
        console.line(f"\n{(sys.modules[layer.fill.__module__].__doc__ or '').strip()}\n")
        resources = draft.template.resources.values()
        console.table("makes", ("id", "type"), [(r.title, r.resource_type) for r in resources])
        needs = [(n, need.offer.description) for n, need in draft.needs.items()]
        console.table("needs", ("value", "is"), needs)
        offers = [(n, offer.description) for n, (offer, _) in draft.offers.items()]
        console.table("offers", ("value", "is"), offers)
        tunables = [(t.name, str(t.default), t.description) for t in draft.tunables.values()]
        console.table("may be tuned", ("parameter", "default", "is"), tunables)


class OurRule(Protocol):
    """A rule of our pack: cfn-lint's texts, and two of ours."""

    id: str
    shortdesc: str
    description: str
    source_url: str
    risk: str
    fix: str


def explain_rule(console: Console, rule_id: str) -> None:
    """What one of our rules wants, why, and the fix. Raises UsageError where there is none."""
    from cfnlint.rules import Rules

    from generator.checks.lint import RULE_PACK

    pack = Rules.create_from_directory(str(RULE_PACK)).values()
    rules = {rule.id: cast(OurRule, rule) for rule in pack}
    if rule_id not in rules:
        raise UsageError(f"no rule {rule_id}; there are: {', '.join(sorted(rules))}")
    rule = rules[rule_id]
    console.line(f"{rule.id}  {rule.shortdesc}")
    console.line(f"\n{rule.description}\n")
    console.line(f"Risk: {rule.risk}\nFix: {rule.fix}\nSource: {rule.source_url}")
