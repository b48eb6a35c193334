"""What `build` and `lint` show: the stacks, the findings with their fixes, the times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from generator.build.pipeline import Report
from generator.build.render import Rendered
from generator.checks.contract import Breach
from generator.checks.limits import INLINE_BYTES, usages
from generator.checks.lint import Finding
from generator.cli.console import Console
from generator.workspace import Workspace

COLUMNS = ("step", "template", "scope", "Regions ", "resources ", "bytes ", "inline ", "lint ")


def show_report(console: Console, workspace: Workspace, report: Report) -> None:
    """Everything about one build."""
    release = report.release
    settings = release.settings
    title = (
        f"{settings.environment}: {len(release.templates)} templates, home {settings.home_region}"
    )
    console.table(title, COLUMNS, [_row(report, template) for template in release.templates])
    show_breaches(console, (*report.breaches, *report.exceeded))
    show_findings(console, report.findings)
    console.line(_times(report))
    if report.clean:
        console.line(
            f"written to {workspace.output(settings.environment).relative_to(workspace.root)}/"
        )


def _row(report: Report, template: Rendered) -> tuple[str, ...]:
    size, resources, *_ = usages(template.text, template.body)
    return (
        template.layer.step,
        template.layer.name,
        template.layer.scope.name.lower().replace("_", " "),
        str(len(report.release.regions_of(template))),
        str(resources),
        str(size),
        f"{100 * size.used // INLINE_BYTES} %",
        _verdict(report, template),
    )


def _verdict(report: Report, template: Rendered) -> str:
    if report.lint is None:
        return "-"
    count = sum(finding.file == template.plain_name for finding in report.findings)
    if count:
        return f"{count} found"
    return "clean" if template.plain_name in report.lint.linted else "clean, cached"


def show_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Findings grouped by rule, the fix once a rule."""
    for rule, group in groupby(sorted(findings), key=lambda finding: finding.rule):
        rows = list(group)
        console.line()
        console.line(f"{rule}  {len(rows)} found. Fix: {rows[0].fix}")
        for row in rows:
            console.line(f"    {row.file}:{row.line}  {row.where}  {row.message}")


def show_breaches(console: Console, breaches: Sequence[Breach]) -> None:
    """Where templates do not fit together, or CloudFormation would refuse one."""
    for breach in breaches:
        console.line(f"contract  {breach}")


def _times(report: Report) -> str:
    stages = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in report.seconds.items())
    if report.lint is None:
        return f"{stages}; not linted"
    cached = len(report.release.templates) - len(report.lint.linted)
    return f"{stages}; {len(report.lint.linted)} linted, {cached} unchanged since they were"
