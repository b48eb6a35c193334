"""The main job as a sequence: draft, check the contract, check the limits, lint, write.

Nothing is written unless everything before it was clean, so what is in `build/<env>/` and in
`templates/` can always be rolled out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from generator.build import write
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
        write.replace_files(workspace.templates, TEMPLATE_SUFFIX, committed_files(release))


def committed_files(release: Release) -> dict[str, str]:
    """What templates/ has to hold: the reference platform under plain names."""
    plain = with_plain_names(release.platform, release.templates)
    return {template.plain_name: template.text for template in plain}


def check_committed(reference: Settings, workspace: Workspace) -> int:
    """Compare templates/ with what would be written; the count of templates. Writes nothing.

    Raises CheckFailed with the names that are missing, different or left over.
    """
    files = committed_files(build_release(reference))
    differing = write.differing_names(workspace.templates, TEMPLATE_SUFFIX, files)
    if differing:
        raise CheckFailed(
            f"templates/ is stale: {', '.join(differing)}\n"
            "    run `make golden`, look at the difference, and commit it"
        )
    return len(files)
