"""`lint`: cfn-lint with our rules, and the contract check, over what is built."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import Environment
from generator.errors import CheckFailed, UsageError
from generator.workspace import Workspace, find_workspace

if TYPE_CHECKING:
    from generator.checks.contract import Breach
    from generator.checks.lint import Subject


def command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Templates; left out: all of build/NAME/.")
    ] = None,
    env: Environment = "dev",
    regions: Annotated[
        list[str] | None, typer.Option("--region", help="With FILES: for which Regions.")
    ] = None,
) -> None:
    """Check templates again without building them.

    Example: python -m generator lint templates/network.template.json --region eu-west-1
    """
    console, workspace = open_console(), find_workspace()
    if files:
        lint_files(console, workspace, files, tuple(regions or ["us-east-1"]))
    else:
        lint_environment(console, workspace, env)


def lint_files(
    console: Console, workspace: Workspace, files: list[Path], regions: tuple[str, ...]
) -> None:
    """Lint templates, all for the same Regions. Raises CheckFailed where one is not clean."""
    from generator.checks.lint import Subject
    from generator.settings.regions import REGIONS

    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UsageError(f"no such template: {', '.join(missing)}")
    unknown = [region for region in regions if region not in REGIONS]
    if unknown:
        raise UsageError(f"no such Region: {', '.join(unknown)}; there are: {', '.join(REGIONS)}")
    # What is no text at all becomes a finding of cfn-lint, with its place.
    texts = {str(file): file.read_text(errors="replace") for file in files}
    _report(console, workspace, [Subject(name, text, regions) for name, text in texts.items()], ())


def lint_environment(console: Console, workspace: Workspace, environment: str) -> None:
    """Lint and prove a built environment. Raises CheckFailed where it is not clean."""
    from generator.checks.contract import Bundle, breaches
    from generator.checks.lint import Subject

    output = workspace.output(environment)
    if not (output / "manifest.json").is_file():
        raise UsageError(
            f"build/{environment}/ is not built; run: python -m generator build --env {environment}"
        )
    manifest = json.loads((output / "manifest.json").read_text())
    texts = {name: (output / name).read_text() for name in manifest["templates"]}
    bundle = Bundle(manifest, {name: json.loads(text) for name, text in texts.items()})
    regions = _regions(manifest)
    subjects = [Subject(name, text, regions[name]) for name, text in texts.items()]
    _report(console, workspace, subjects, breaches(bundle))


def _regions(manifest: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Template file to the Regions where it stands, by itself or nested."""
    return {
        name: tuple(unit["regions"])
        for unit in manifest["rollout"]
        for name in (unit["template"], *unit["nested"])
    }


def _report(
    console: Console,
    workspace: Workspace,
    subjects: Sequence[Subject],
    broken: Sequence[Breach],
) -> None:
    from generator.checks.lint import lint
    from generator.cli.screen import show_breaches, show_findings

    with console.progress("lint") as progress:
        result = lint(subjects, workspace.lint_cache, progress)
    show_breaches(console, broken)
    show_findings(console, result.findings)
    if result.findings or broken:
        raise CheckFailed(
            f"{len(result.findings)} findings, {len(broken)} breaches of the contract"
        )
    console.line(f"{len(subjects)} templates clean, {len(result.linted)} of them linted now")
