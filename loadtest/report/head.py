"""The page's top: what was run, whether it was good enough, and the numbers that matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from loadtest.baseline import Comparison
from loadtest.gate import COMPLETED, Objective, Verdict, notes
from loadtest.report.facts import numbers_of, response_words
from loadtest.report.picture import Picture
from loadtest.report.scale import duration, plain
from loadtest.results import EVERYTHING, Run

OBJECTIVES, BASELINE = "objectives", "baseline"
"""Where the page tells all of what the top sums up."""
_MOST_SAID = 4


def head(
    run: Run, picture: Picture, verdict: Verdict, comparison: Comparison | None
) -> Iterator[str]:
    """Read from top to bottom: what, verdict, numbers, answer."""
    about = run.about
    kept = verdict.kept and (comparison is None or comparison.kept)
    yield f"<header>\n<h1>{escape(plain(about.profile))}</h1>"
    lead = f"{picture.title} · {duration(about.seconds)} · {plain(about.tool)}"
    yield f'<p class="lead">{escape(lead)}</p>'
    judged = "\n".join((_slo(verdict), *_against(comparison)))
    yield f'<div class="verdict {"kept" if kept else "missed"}">\n{judged}\n</div>'
    yield from (f'<p class="aside">Note: {escape(plain(note))}</p>' for note in notes(run))
    pairs = (f"<div><dt>{n}</dt><dd>{escape(value)}</dd></div>" for n, value in numbers_of(run))
    yield f'<dl class="facts">{"".join(pairs)}</dl>'
    yield f"<p>{escape(response_words(run))}</p>\n</header>"


def _slo(verdict: Verdict) -> str:
    asked, missed = len(verdict.objectives), [_called(each) for each in verdict.missed]
    if not missed:
        return _line(True, "SLO kept", f"{asked} of {asked} objectives", OBJECTIVES)
    told = f"{len(missed)} of {asked} objectives: {_listed(missed)}"
    return _line(False, "SLO missed", told, OBJECTIVES)


def _called(objective: Objective) -> str:
    if objective.asked == COMPLETED:
        return f"{objective.what} {objective.measured}"
    return _of(objective.what, objective.name)


def _against(comparison: Comparison | None) -> Iterator[str]:
    if comparison is None:
        return
    gone = [f"{row.label} {row.note}" for row in comparison.rows if row.gone]
    slower = [
        _of(change.what, row.label)
        for row in comparison.rows
        for change in row.changes
        if change.worse
    ]
    if worse := [*gone, *slower]:
        yield _line(False, "Worse than the baseline", f"in {_listed(worse)}", BASELINE)
    else:
        yield _line(True, "No worse than the baseline", "", BASELINE)


def _of(what: str, name: str) -> str:
    """What is said of no name is said of all requests."""
    return what if name == EVERYTHING else f"{what} of {name}"


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _MOST_SAID
    return ", ".join(words[:_MOST_SAID]) + (f" and {more} more" if more > 0 else "")


def _line(kept: bool, judged: str, told: str, where: str) -> str:
    """Told by a sign as well as by colour."""
    kind, sign = ("good", "✓") if kept else ("bad", "✗")
    return (
        f'<p><b class="{kind}">{sign} {judged}</b> {escape(plain(told))} '
        f'<a href="#{where}">details</a></p>'
    )
