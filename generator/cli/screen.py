"""What `build` and `lint` show: the stacks, the findings with their fixes, the times."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from generator.build.pipeline import Report
from generator.build.render import Rendered
from generator.checks.contract import Breach
from generator.checks.limits import INLINE_BYTES, Usage, fits_inline, usages
from generator.checks.lint import Finding
from generator.cli.console import Console
from generator.workspace import Workspace

NARROW = {"template bytes": "bytes", "longest logical id": "name"}
"""Shorter heads for the limits that are shown; those not here keep their names."""

SHOWN = ("resources", "parameters", "outputs", "template bytes", "longest logical id")


def show_report(console: Console, workspace: Workspace, report: Report) -> None:
    """Everything about one build."""
    release = report.release
    settings = release.settings
    count = len(release.templates)
    title = f"{settings.environment}: {count} templates, home {settings.home_region}; used of limit"
    rows = [_row(report, template) for template in release.templates]
    console.table(title, _columns(release.templates[0]), rows)
    show_breaches(console, (*report.breaches, *report.exceeded))
    show_findings(console, report.findings)
    console.line(_times(report))
    if report.clean:
        output = workspace.output(settings.environment)
        console.line(f"written to {output.relative_to(workspace.root)}/")


def _shown(template: Rendered) -> tuple[Usage, ...]:
    by_name = {usage.name: usage for usage in usages(template.text, template.body)}
    return tuple(by_name[name] for name in SHOWN)


def _columns(template: Rendered) -> tuple[str, ...]:
    limits = [f"{NARROW.get(u.name, u.name)}/{u.limit:,} " for u in _shown(template)]
    return ("step", "template", "stands", "Regions ", *limits, f"inline/{INLINE_BYTES:,} ", "lint")


def _row(report: Report, template: Rendered) -> tuple[str, ...]:
    return (
        template.layer.step,
        template.layer.name,
        template.layer.scope.name.lower().replace("_", " "),
        str(len(report.release.regions_of(template))),
        *(f"{usage.used:,}" for usage in _shown(template)),
        "fits" if fits_inline(template.text) else "from S3",
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
