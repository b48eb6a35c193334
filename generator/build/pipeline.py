"""The main job as a sequence: draft, check the contract, check the limits, lint, write.

Nothing is written unless everything before it was clean, so what is in `build/<env>/` and in
`templates/` can always be rolled out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from generator.build import write
from generator.build.archive import archive_for
from generator.build.release import Release, build_release, manifest, stack_name
from generator.build.render import with_plain_names
from generator.checks import limits
from generator.checks.contract import Breach, Bundle, breaches
from generator.checks.derived_names import unmade_names
from generator.checks.lint import Finding, LintResult, Progress, Subject
from generator.checks.lint import lint as run_lint
from generator.errors import CheckFailed
from generator.settings.model import Settings
from generator.workspace import REFERENCE, Workspace

TEMPLATE_SUFFIX = ".template.json"


@contextmanager
def stage(name: str, seconds: dict[str, float]) -> Iterator[None]:
    """Note how many seconds a stage took."""
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


class Report(NamedTuple):
    """What one build found. `lint` is None where it was left out."""

    release: Release
    breaches: tuple[Breach, ...]
    exceeded: tuple[Breach, ...]
    lint: LintResult | None
    seconds: dict[str, float]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Lint findings; none where lint was left out."""
        return self.lint.findings if self.lint else ()

    @property
    def clean(self) -> bool:
        """Whether everything that was checked passed."""
        return not (self.findings or self.breaches or self.exceeded)


def nobody_looks_on(file: str, done: int, total: int) -> None:
    """The progress of a build without a screen."""


def build(
    settings: Settings, workspace: Workspace, *, lint: bool, progress: Progress = nobody_looks_on
) -> Report:
    """Build one environment and, where it is clean, write it.

    `progress` is called when a template has been linted or remembered.
    """
    seconds: dict[str, float] = {}
    with stage("templates", seconds):
        release = build_release(settings)
    with stage("service", seconds):
        release = release._replace(archive=archive_for(settings, workspace))
    with stage("contract", seconds):
        bundle = bundle_of(release)
        broken = (*breaches(bundle), *unmade_names(bundle))
        exceeded = tuple(_exceeded(release))
    result = None
    if lint:
        with stage("lint", seconds):
            result = run_lint(subjects(release), workspace.lint_cache, progress)
    report = Report(release, broken, exceeded, result, seconds)
    if report.clean:
        with stage("write", seconds):
            _write(release, workspace)
    return report


def bundle_of(release: Release) -> Bundle:
    """The release as the contract check sees it."""
    return Bundle(manifest(release), {t.content_name: t.body for t in release.templates})


def subjects(release: Release) -> Sequence[Subject]:
    """The release as cfn-lint sees it: each template with the Regions that it is for."""
    return [Subject(t.plain_name, t.text, release.regions_of(t)) for t in release.templates]


def _exceeded(release: Release) -> Iterator[Breach]:
    for template in release.templates:
        for usage in limits.usages(template.text, template.body):
            if usage.exceeded:
                yield Breach(template.plain_name, usage.name, f"{usage} is over the limit")
    for unit in release.units:
        usage = limits.stack_name_usage(stack_name(release.settings, unit.layer))
        if usage.exceeded:
            yield Breach(unit.layer.name, usage.name, f"{usage} is over the limit")


def _write(release: Release, workspace: Workspace) -> None:
    environment = release.settings.environment
    write.replace_tree(workspace.output(environment), release.files())
    if environment == REFERENCE:
        for folder, suffix, files in committed(release, workspace):
            write.replace_files(folder, suffix, files)


def committed(
    release: Release, workspace: Workspace
) -> tuple[tuple[Path, str, dict[str, str]], ...]:
    """What is generated and committed: folder, how its files end, and their texts by name.

    The reference platform's templates under plain names, and the schema that editors read.
    """
    from generator.settings.schema import SCHEMA_FILE, schema_text

    plain = with_plain_names(release.platform, release.templates)
    templates = {template.plain_name: template.text for template in plain}
    schema = {SCHEMA_FILE: schema_text()}
    return (
        (workspace.templates, TEMPLATE_SUFFIX, templates),
        (workspace.parameters, ".schema.json", schema),
    )


def check_committed(reference: Settings, workspace: Workspace) -> int:
    """Compare what is committed with what would be written; the count of files. Writes nothing.

    Raises CheckFailed with the names that are missing, different or left over.
    """
    expected = committed(build_release(reference), workspace)
    differing = [
        f"{folder.name}/{name}"
        for folder, suffix, files in expected
        for name in write.differing_names(folder, suffix, files)
    ]
    if differing:
        raise CheckFailed(
            f"stale: {', '.join(differing)}\n"
            "    run `make golden`, look at the difference, and commit it"
        )
    return sum(len(files) for _, _, files in expected)
