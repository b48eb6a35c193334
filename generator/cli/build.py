"""`build`: settings to templates, parameter files and a manifest, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from generator.cli.console import Console, open_console
from generator.cli.options import Environment
from generator.errors import CheckFailed, Fault, SettingsError
from generator.workspace import QUICKSTART, REFERENCE, Workspace, find_workspace

if TYPE_CHECKING:
    from generator.settings import Settings


def command(
    env: Environment = "dev",
    every: Annotated[bool, typer.Option("--all", help="Every environment of parameters/.")] = False,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; fail if what is committed is stale."),
    ] = False,
    no_lint: Annotated[bool, typer.Option("--no-lint", help="Leave cfn-lint out.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Build again what a change touches, until Ctrl-C.")
    ] = False,
) -> None:
    """Turn parameters/NAME.yaml into build/NAME/; of reference and quickstart write templates/ too.

    Example: python -m generator build --env prod
    """
    console, workspace = open_console(), find_workspace()
    names = workspace.environments() if every else (env,)

    def build(chosen: tuple[str, ...]) -> None:
        build_environments(console, workspace, chosen, lint=not no_lint)

    if check:
        _check(console, workspace)
    elif watch:
        from generator.cli.watch import watch_and_build

        watch_and_build(console, workspace, names, build)
    else:
        build(names)


def build_environments(
    console: Console, workspace: Workspace, names: tuple[str, ...], *, lint: bool
) -> None:
    """Build environments one after another; all settings are read before anything is written.

    Raises SettingsError before, CheckFailed after, when something was not clean.
    """
    from generator.build.pipeline import build
    from generator.cli.screen import show_report

    unclean = []
    for name, settings in _load_all(workspace, names).items():
        with console.progress(f"{name}: lint") as progress:
            report = build(settings, workspace, lint=lint, progress=progress)
        show_report(console, workspace, report)
        if not report.clean:
            unclean.append(name)
    if unclean:
        raise CheckFailed(f"not clean, and so not written: {', '.join(unclean)}")


def _load_all(workspace: Workspace, names: tuple[str, ...]) -> dict[str, Settings]:
    from generator.settings import load

    loaded: dict[str, Settings] = {}
    faults: list[Fault] = []
    for name in names:
        try:
            loaded[name] = load(workspace.settings_file(name))
        except SettingsError as error:
            faults += error.faults
    if faults:
        raise SettingsError(faults)
    return loaded


def _check(console: Console, workspace: Workspace) -> None:
    from generator.build.pipeline import check_committed
    from generator.settings import load

    committed = [load(workspace.settings_file(name)) for name in (REFERENCE, QUICKSTART)]
    count = check_committed(committed, workspace)
    console.line(f"templates/, the schema and docs/ are up to date: {count} files")
