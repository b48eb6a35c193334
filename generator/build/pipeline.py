"""The main job as a sequence: draft, check the contract, check the limits, lint, write.

Nothing is written unless everything before it was clean, so what is in `build/<env>/` and in
`templates/` can always be rolled out.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from generator import names
from generator.build import parameter_page, quick_create, write
from generator.build.archive import archive_for, generators_archive
from generator.build.release import Release, build_release, manifest
from generator.build.render import with_plain_names
from generator.checks import limits
from generator.checks.contract import Breach, Bundle, breaches
from generator.checks.derived_names import unmade_names
from generator.checks.encryption import unmapped
from generator.checks.lint import Finding, LintResult, Progress, Subject
from generator.checks.lint import lint as run_lint
from generator.errors import CheckFailed
from generator.report import encryption
from generator.settings.model import Settings
from generator.workspace import QUICKSTART, REFERENCE, Workspace

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
        service, generators = archive_for(settings, workspace), generators_archive(settings)
        release = release._replace(archive=service, generators=generators)
    with stage("contract", seconds):
        bundle = bundle_of(release)
        broken = (*breaches(bundle), *unmade_names(bundle), *unmapped(bundle))
        exceeded = tuple(_exceeded(release))
    result = None
    if lint:
        with stage("lint", seconds):
            result = run_lint(subjects(release), workspace.lint_cache, progress)
    report = Report(release, broken, exceeded, result, seconds)
    if report.clean:
        with stage("write", seconds):
            _write(release, bundle, workspace)
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
        usage = limits.stack_name_usage(names.stack(release.settings, unit.layer.name))
        if usage.exceeded:
            yield Breach(unit.layer.name, usage.name, f"{usage} is over the limit")


def _write(release: Release, bundle: Bundle, workspace: Workspace) -> None:
    beside = {template.layer.name: template.content_name for template in release.templates}
    page = encryption.page(bundle.encryption, release.settings.prefix, beside)
    built = release.files() | {encryption.FILE_NAME: page.encode()}
    write.replace_tree(workspace.output(release.settings.environment), built)
    for folder, suffix, files in committed(release, bundle, workspace):
        write.replace_files(folder, suffix, files)


Committed = tuple[Path, str, dict[str, str]]
"""A folder, how the files in it end that are ours, and their texts by name."""


def committed(release: Release, bundle: Bundle, workspace: Workspace) -> tuple[Committed, ...]:
    """What of an environment is generated and committed: of most, nothing."""
    environment = release.settings.environment
    if environment == REFERENCE:
        return _of_the_reference(release, bundle, workspace)
    return _of_the_quickstart(release, workspace) if environment == QUICKSTART else ()


def _of_the_reference(
    release: Release, bundle: Bundle, workspace: Workspace
) -> tuple[Committed, ...]:
    """Templates to read, the schema for editors, the page of parameters."""
    from generator.settings.schema import SCHEMA_FILE, schema_text

    parameters = {parameter_page.PAGE: parameter_page.page(release.units)}
    return (
        (workspace.templates, TEMPLATE_SUFFIX, _plain_templates(release)),
        (workspace.parameters, ".schema.json", {SCHEMA_FILE: schema_text()}),
        (workspace.docs, parameter_page.PAGE, parameters),
        (workspace.docs, encryption.FILE_NAME, _encryption_page(release, bundle)),
    )


def _encryption_page(release: Release, bundle: Bundle) -> dict[str, str]:
    links = {t.layer.name: f"../templates/{t.plain_name}" for t in release.templates}
    page = encryption.page(bundle.encryption, release.settings.prefix, links)
    return {encryption.FILE_NAME: page}


def _of_the_quickstart(release: Release, workspace: Workspace) -> tuple[Committed, ...]:
    """Templates to launch with a browser, and the links that launch them."""
    folder = workspace.templates / release.settings.prefix
    files = {template.layer.name: template.plain_name for template in release.templates}
    links = {quick_create.PAGE: quick_create.page(release.settings, release.units, files, {})}
    return (
        (folder, TEMPLATE_SUFFIX, _plain_templates(release)),
        (folder, quick_create.PAGE, links),
    )


def _plain_templates(release: Release) -> dict[str, str]:
    plain = with_plain_names(release.platform, release.templates)
    return {template.plain_name: template.text for template in plain}


def check_committed(environments: Iterable[Settings], workspace: Workspace) -> int:
    """Compare what is committed with what would be written; the count of files. Writes nothing.

    Raises CheckFailed with the names that are missing, different or left over.
    """
    releases = [build_release(settings) for settings in environments]
    expected = [
        files for release in releases for files in committed(release, bundle_of(release), workspace)
    ]
    differing = [
        f"{folder.relative_to(workspace.root).as_posix()}/{name}"
        for folder, suffix, files in expected
        for name in write.differing_names(folder, suffix, files)
    ]
    if differing:
        raise CheckFailed(
            f"stale: {', '.join(differing)}\n"
            "    run `make golden`, look at the difference, and commit it"
        )
    return sum(len(files) for _, _, files in expected)
