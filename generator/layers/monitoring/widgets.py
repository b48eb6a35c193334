"""Widgets of dashboards, and how they become a dashboard's body.

A body is JSON in which `${…}` stands for what only the stack knows. Widgets are laid out in rows
that share the 24 columns of the grid.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from generator.layers.draft import Expression, sub

Widget = dict[str, object]
Line = list[object]
Row = Sequence[Widget]

COLUMNS, GRAPH_ROWS, TEXT_ROWS, ALARM_ROWS = 24, 6, 2, 4
STATES = 100
"""Alarms that one widget shows."""

HERE = "${AWS::Region}"


def body(rows: Iterable[Row], values: Mapping[str, Expression]) -> Expression:
    """Rows of widgets as a dashboard's body; `values` fill the placeholders."""
    widgets, top = [], 0
    for row in rows:
        width = COLUMNS // len(row)
        height = max(_height(widget) for widget in row)
        widgets += [
            {**widget, "x": place * width, "y": top, "width": width, "height": height}
            for place, widget in enumerate(row)
        ]
        top += height
    text = json.dumps({"widgets": widgets}, sort_keys=True, separators=(",", ":"))
    return sub(text, **values)


def _height(widget: Widget) -> int:
    return {"text": TEXT_ROWS, "alarm": ALARM_ROWS}.get(str(widget["type"]), GRAPH_ROWS)


def text(markdown: str) -> Widget:
    """A heading, or a hint."""
    return {"type": "text", "properties": {"markdown": markdown}}


def states(title: str, arns: Sequence[str]) -> Row:
    """The states of some alarms, what changed last first."""
    return [
        {
            "type": "alarm",
            "properties": {
                "title": title,
                "alarms": list(arns[start : start + STATES]),
                "sortBy": "stateUpdatedTimestamp",
            },
        }
        for start in range(0, len(arns), STATES)
    ]


def graph(title: str, *lines: Line, region: str = HERE, unit: str = "") -> Widget:
    """Lines over time, from zero up."""
    return {
        "type": "metric",
        "properties": {
            "title": title,
            "metrics": list(lines),
            "region": region,
            "period": 60,
            "view": "timeSeries",
            "yAxis": {"left": {"min": 0, "label": unit, "showUnits": False}},
        },
    }


def line(namespace: str, name: str, stat: str, label: str, **dimensions: str) -> Line:
    """One metric of a graph."""
    flat = [part for pair in dimensions.items() for part in pair]
    return [namespace, name, *flat, {"stat": stat, "label": label}]


def found(search: str, stat: str) -> Line:
    """All metrics that a search finds, a line each."""
    return [{"expression": f"SEARCH('{search}', '{stat}', 60)"}]
