"""The timeline as one HTML file: nothing is fetched, nothing runs; bars are plain boxes.

Rows are Regions, stacks, nested stacks, and the resources that took long. What comes from AWS is
escaped, and a content security policy forbids scripts and requests besides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from itertools import count
from pathlib import Path

from generator.deploy.records.lanes import Lane, Nested, Region
from generator.deploy.records.recorder import Run
from generator.deploy.records.spans import Span, State
from generator.deploy.records.timeline import Timeline, in_words, tick_words, ticks, timeline_of

REPORTS = "reports"
MOST_TICKS = 11
SLOW_SHARE = 0.02
"""Resources that took at least this share of the makespan are shown."""
KINDS = {
    State.DONE: "done",
    State.RUNNING: "going",
    State.WAITING: "idle",
    State.SKIPPED: "idle",
    State.DETACHED: "going",
}
"""Class of a bar; all other states are bad."""


def write_timeline(folder: Path, run: Run, slower_than: float | None = None) -> Path:
    """Write `reports/deploy-<UTC time>.html` below a folder, never over another; its path."""
    reports = folder / REPORTS
    reports.mkdir(parents=True, exist_ok=True)
    timeline = timeline_of(run)
    stem = f"deploy-{datetime.fromtimestamp(timeline.start, UTC):%Y%m%dT%H%M%SZ}"
    page = render(timeline, slower_than).encode()
    for number in count(1):
        path = reports / (f"{stem}.html" if number == 1 else f"{stem}-{number}.html")
        try:
            with path.open("xb") as file:
                file.write(page)
        except FileExistsError:
            continue
        break
    return path


def render(timeline: Timeline, slower_than: float | None = None) -> str:
    """The page. Resources slower than so many seconds are shown: 2 % of the makespan if None."""
    slow = timeline.makespan * SLOW_SHARE if slower_than is None else slower_than
    environment = escape(timeline.run.plan.environment)
    style = files("generator.deploy.records").joinpath("timeline.css").read_text()
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Rollout of {environment}</title>\n<style>\n{style}</style>\n</head>\n<body>",
            *_head(timeline),
            '<main class="chart">',
            _axis(timeline),
            *(_region(timeline, region, slow) for region in timeline.regions),
            "</main>",
            *_chain(timeline),
            *_calls(timeline),
            "</body>\n</html>\n",
        ]
    )


def _head(timeline: Timeline) -> Iterator[str]:
    run = timeline.run
    began = datetime.fromtimestamp(timeline.start, UTC)
    done = sum(outcome.state == State.DONE for outcome in run.outcomes.values())
    yield f"<h1>Rollout of {escape(run.plan.environment)}</h1>"
    yield (
        f"<p>{began:%Y-%m-%d %H:%M:%S} UTC, account {escape(run.plan.account)}: "
        f"{done} of {len(run.plan.steps)} steps done</p>"
    )
    facts = {
        "makespan": in_words(timeline.makespan),
        "critical path": in_words(timeline.critical_seconds),
        "makespan / critical path": f"{timeline.ratio:.2f}",
        "API calls": str(sum(run.calls.values())),
    }
    pairs = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts.items())
    yield f'<dl class="facts">{pairs}</dl>'
    keys = ("critical", "on the critical path"), ("done", "done"), ("bad", "failed or rolled back")
    legend = "".join(f'<li><i class="bar {kind}"></i>{text}</li>' for kind, text in keys)
    yield f'<ul class="legend">{legend}</ul>'


def _axis(timeline: Timeline) -> str:
    marks = "".join(
        f'<span style="left:{_percent(timeline.offset(timeline.start + tick))}">'
        f"{tick_words(tick)}</span>"
        for tick in ticks(timeline.makespan, MOST_TICKS)
    )
    return (
        '<div class="row axis"><span class="name"></span>'
        f'<span class="track">{marks}</span><span class="time"></span></div>'
    )


def _region(timeline: Timeline, region: Region, slow: float) -> str:
    name = escape(region.name or "all Regions")
    lanes = "\n".join(_lane(timeline, lane, slow) for lane in region.lanes)
    return f"<section>\n<h2>{name}</h2>\n{lanes}\n</section>"


def _lane(timeline: Timeline, lane: Lane, slow: float) -> str:
    """A row that unfolds where there is something below it."""
    critical = lane.step in timeline.critical and lane.state is not State.SKIPPED
    counted = f"{lane.done} of {lane.total} resources" if lane.total else ""
    row = _row(timeline, lane.span, lane.span.name, 0, counted, critical=critical)
    shown = [span for span in lane.resources if _seconds(timeline, span) >= slow]
    below = [*_below(timeline, lane.nested, shown)]
    if not below:
        return row
    inner = "\n".join(below)
    return f"<details{' open' if critical or lane.state.bad else ''}>" + (
        f"<summary>{row}</summary>\n{inner}\n</details>"
    )


def _below(
    timeline: Timeline, nested: Iterable[Nested], resources: Iterable[Span]
) -> Iterator[str]:
    """Nested stacks and resources, each below what it is in, otherwise as they began."""
    counted = {n.span.name: f"{n.done} of {n.total} resources" if n.total else "" for n in nested}
    spans = {span.name: span for span in (*(n.span for n in nested), *resources)}
    begins = {name: span.started or timeline.start for name, span in spans.items()}

    def place(name: str) -> list[tuple[float, str]]:
        parts = name.split("/")
        paths = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
        return [(begins.get(path, 0.0), path) for path in paths]

    for name in sorted(spans, key=place):
        depth, label = name.count("/") + 1, name.rpartition("/")[2]
        yield _row(timeline, spans[name], label, depth, counted.get(name, ""))


def _row(
    timeline: Timeline, span: Span, name: str, depth: int, counted: str, *, critical: bool = False
) -> str:
    kind = "critical" if critical else ""
    words = [span.state.value, counted, span.type, span.reason]
    if span.started is not None:
        seconds = in_words(_seconds(timeline, span))
        words.insert(1, f"{seconds}, from {in_words(span.started - timeline.start)}")
    title = escape(": ".join([span.name, ", ".join(word for word in words if word)]))
    return (
        f'<div class="row" title="{title}"><span class="name" style="--depth:{depth}">'
        f'{escape(name)}</span><span class="track">{_bar(timeline, span, kind)}</span>'
        f'<span class="time">{_ending(timeline, span)}</span></div>'
    )


def _bar(timeline: Timeline, span: Span, kind: str) -> str:
    bar = timeline.bar(span)
    if bar is None:
        return ""
    left, right = bar
    place = f"left:{_percent(left)};width:{_percent(right - left)}"
    return f'<i class="bar {KINDS.get(span.state, "bad")} {kind}" style="{place}"></i>'


def _ending(timeline: Timeline, span: Span) -> str:
    if span.started is None:
        return span.state.value
    seconds = in_words(_seconds(timeline, span))
    return seconds if span.state is State.DONE else f"{span.state.value}, {seconds}"


def _seconds(timeline: Timeline, span: Span) -> float:
    return span.seconds(timeline.start + timeline.makespan)


def _percent(share: float) -> str:
    return f"{share * 100:.3f}%"


def _chain(timeline: Timeline) -> Iterator[str]:
    outcomes = timeline.run.outcomes
    rows = "".join(
        f"<tr><td>{escape(step_id)}</td>"
        f"<td>{in_words(outcomes[step_id].started - timeline.start)}</td>"
        f"<td>{in_words(outcomes[step_id].ended - outcomes[step_id].started)}</td></tr>"
        for step_id in timeline.critical
    )
    yield "<h2>Critical path</h2>\n<table><tr><th>step</th><th>began at</th><th>took</th></tr>"
    yield f"{rows}</table>"


def _calls(timeline: Timeline) -> Iterator[str]:
    calls = timeline.run.calls
    if not calls:
        return
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{calls[name]}</td></tr>"
        for name in sorted(calls, key=lambda name: (-calls[name], name))
    )
    yield "<h2>API calls, retries included</h2>\n<table><tr><th>operation</th><th>calls</th></tr>"
    yield f"{rows}</table>"
