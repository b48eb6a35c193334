"""A run as one HTML file that needs nothing else: no request leaves it, and none could.

Its content security policy lets run one script, known by its hash, and nothing be fetched. What
comes from outside is escaped. What is read at each moment is in it as JSON, for the crosshair.
https://www.w3.org/TR/CSP3/
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from html import escape
from importlib.resources import files

from loadtest.baseline import Comparison
from loadtest.gate import Verdict
from loadtest.report.by_name import names_of
from loadtest.report.head import BASELINE, OBJECTIVES, head
from loadtest.report.palette import custom_properties
from loadtest.report.picture import Picture
from loadtest.report.plots import charts_html, readings_of
from loadtest.report.scale import plain
from loadtest.report.small_multiples import small_multiples
from loadtest.report.tables import (
    comparison_table,
    events_table,
    failures_table,
    names_table,
    objectives_table,
)
from loadtest.results import Run

_NOTHING = '<p class="lead">Nothing was measured, and so there is nothing to draw.</p>'


def page_html(
    run: Run, picture: Picture, verdict: Verdict, comparison: Comparison | None = None
) -> str:
    """The page of a run."""
    script = _packaged("page.js")
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n{_policy(script)}',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(picture.title)}</title>\n<style>\n{_style()}</style>\n</head>\n<body>",
            *head(run, picture, verdict, comparison),
            f"<main>\n{charts_html(picture) if picture.panels else _NOTHING}",
            *_sections(run, picture, verdict, comparison),
            f"</main>\n{_json('readings', readings_of(picture))}",
            f"<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def _packaged(name: str) -> str:
    return files("loadtest.report").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{"; ".join(allowed)}">'


def _style() -> str:
    """Dark on screens only: paper is white."""
    light, dark = custom_properties("light"), custom_properties("dark")
    return (
        f":root {{ color-scheme: light dark; {light}}}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"
        f"{_packaged('page.css')}"
    )


def _json(name: str, value: object) -> str:
    """JSON in a block that nothing in it can end: every sign of HTML is written as a code."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def _sections(
    run: Run, picture: Picture, verdict: Verdict, comparison: Comparison | None
) -> Iterator[str]:
    yield f'<h2 id="{OBJECTIVES}">Objectives</h2>\n{objectives_table(verdict)}'
    if run.totals:
        yield f"<h2>Requests by name</h2>\n{names_table(run)}"
    if run.overall and names_of(run):
        yield small_multiples(run, picture)
    if run.failures:
        yield f"<h2>Failures</h2>\n{failures_table(run)}"
    if comparison:
        yield f'<h2 id="{BASELINE}">Against the baseline</h2>\n{comparison_table(comparison)}'
    if run.events:
        table = events_table(run, picture.window.start)
        yield _folded(f"<h2>Events</h2> ({len(run.events)})", table)
    about = (
        f"<tr><td>{escape(name)}</td><td>{escape(plain(str(value)))}</td></tr>"
        for name, value in asdict(run.about).items()
    )
    yield _folded(
        "<h2>About this run</h2>", f'<div class="wide"><table>{"".join(about)}</table></div>'
    )


def _folded(summary: str, inner: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n{inner}\n</details>"
