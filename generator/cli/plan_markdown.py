"""A plan as Markdown, for a pull request's comment and a job's summary: the same words as a screen.

What a plan says comes from templates and so may hold any character: none of it is Markdown or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from generator.cli.plan_view import show_plan, summary
from generator.deploy.steps import Plan

LONGEST = 60_000
"""Characters: GitHub takes 65,536 in a comment. https://docs.github.com/en/rest/issues/comments"""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")


class _Sheet:
    """Collects what is shown, as Markdown."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def line(self, text: str = "") -> None:
        self.parts.append(_escaped(text))

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        names = [_escaped(column.strip()) for column in columns]
        marks = ["--:" if column.endswith(" ") else ":--" for column in columns]
        cells = [names, marks, *([_escaped(cell) for cell in row] for row in rows)]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        self.parts.append("\n".join([f"**{_escaped(title)}**", "", *lines]))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def plan_as_markdown(plan: Plan) -> str:
    """The environment and the sums first, then all lists; cut where a comment would end."""
    head = f"### {plan.environment}\n\n{_escaped(summary(plan))}\n"
    if not plan.steps:
        return head
    sheet = _Sheet()
    show_plan(sheet, plan, full=True)
    body = "\n\n".join(sheet.parts[:-1])  # The sums are said.
    details = f"\n<details><summary>steps and changes</summary>\n\n{_cut(body)}\n\n</details>\n"
    return head + details


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    whole_lines = text[:LONGEST].rpartition("\n")[0]
    return (
        f"{whole_lines}\n\n(cut here: the log of the job has all of it, as `plan --all` shows it)"
    )


def write_markdown(path: Path, plan: Plan) -> None:
    """Write a plan's Markdown."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(plan_as_markdown(plan), encoding="utf-8")
