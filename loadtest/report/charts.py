"""Panels as PNG graphs: one file a panel, and one with all of them over the same time axis.

Figures are made without pyplot, so nothing outside of them is touched. Sizes are pixels at the
width of a README; the files are twice as fine.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from loadtest.report.axes import height_of
from loadtest.report.panels import Chart, Lanes, Marks, Panel
from loadtest.report.picture import Picture
from loadtest.report.scale import clock, time_ticks
from loadtest.report.strokes import (
    DPI,
    GUTTER,
    SIZE,
    beside,
    colour,
    draw_chart,
    draw_lanes,
    draw_marks,
    shortened,
    written,
)

WIDTH, RIGHT = 920, 52
TOP, BETWEEN, BOTTOM = 52, 18, 28
_FINER = 2
_MOST_IN_TITLE = 140
_FONTS = (
    *("DejaVu Sans", "Apple SD Gothic Neo", "Malgun Gothic"),
    *("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic"),
)


def draw_graphs(folder: Path, picture: Picture) -> tuple[Path, ...]:
    """Write `all.png` and a file a panel, named by its key; their paths, the whole one first.

    Graphs of an earlier report that this one lacks are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts = {"all": picture.panels} | {panel.key: (panel,) for panel in picture.panels}
    paths = []
    for name, panels in parts.items():
        paths.append(folder / f"{name}.png")
        _save(_figure(picture, panels), paths[-1])
    for earlier in {*folder.glob("*.png")} - {*paths}:
        earlier.unlink()
    return tuple(paths)


def _save(figure: Figure, path: Path) -> None:
    """Text is taken as it stands, never as mathematics; a character without a glyph is a box."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
        text.set_fontfamily(_fonts())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.savefig(path, dpi=DPI * _FINER)


@cache
def _fonts() -> list[str]:
    """Those of ours that are installed: matplotlib has the first, Korean ones come with systems."""
    installed = set(font_manager.get_font_names())
    return [name for name in _FONTS if name in installed]


def _figure(picture: Picture, panels: Sequence[Panel]) -> Figure:
    heights = [height_of(panel) for panel in panels]
    height = TOP + sum(heights) + BETWEEN * (len(panels) - 1) + BOTTOM
    figure = Figure((WIDTH / DPI, height / DPI), dpi=DPI, facecolor=colour("page"))
    FigureCanvasAgg(figure)
    title = shortened(picture.title, _MOST_IN_TITLE)
    figure.text(12 / WIDTH, 1 - 10 / height, title, va="top", size=SIZE, color=colour("faint"))
    top = TOP
    for panel, tall in zip(panels, heights, strict=True):
        bottom = height - top - tall
        box = (GUTTER, bottom, WIDTH - GUTTER - RIGHT, tall)
        axes = figure.add_axes(_shares(box, height))
        top += tall + BETWEEN
        _draw(axes, panel, tall, picture)
    if panels:
        _name_moments(figure.axes[0], picture)
        _name_times(figure.axes[-1], picture)
    return figure


def _draw(axes: Axes, panel: Panel, tall: int, picture: Picture) -> None:
    """The frame that all panels have, and what is in it."""
    axes.set_facecolor("none")
    axes.set_xlim(0, picture.window.seconds)
    axes.set_xticks(time_ticks(picture.window.seconds), [])
    axes.grid(color=colour("grid"), linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    for moment in picture.moments:
        axes.axvline(moment.time, color=colour("ink"), linewidth=0.9, linestyle=(0, (1, 2)))
    beside(axes, 0, panel.title, weight="bold")
    match panel:
        case Chart():
            draw_chart(axes, panel)
        case Lanes():
            draw_lanes(axes, panel, tall)
        case Marks():
            draw_marks(axes, panel, tall)
    axes.tick_params(length=0, labelsize=SIZE, labelcolor=colour("faint"), pad=5)


def _name_times(axes: Axes, picture: Picture) -> None:
    ticks = time_ticks(picture.window.seconds)
    axes.set_xticks(ticks, [clock(tick) for tick in ticks])


def _name_moments(axes: Axes, picture: Picture) -> None:
    for moment in picture.moments:
        by = (-3 if moment.flipped else 3, -6)
        at = (moment.time, 1)
        written(axes, moment.words, at, by, data=True, right=moment.flipped)


def _shares(box: tuple[int, int, int, int], height: int) -> tuple[float, float, float, float]:
    """A box of pixels (left, bottom, width, height) as shares of the figure."""
    left, bottom, wide, tall = box
    return left / WIDTH, bottom / height, wide / WIDTH, tall / height
