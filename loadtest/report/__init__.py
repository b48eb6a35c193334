"""A run's folder made into graphs and a page.

read_run ──► picture (panels over one time axis) ──► charts: graphs/*.png
    ├──► gate, baseline ─► verdict ─┐            └─► plots ─┐
    └──► by_name, tables ───────────┴──────────────────► page: report.html
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError
from loadtest.baseline import Comparison, Tolerances, compare
from loadtest.gate import Slo, Verdict, judge
from loadtest.report.page import page_html
from loadtest.report.picture import Picture, picture_of
from loadtest.results import read_run

PAGE, GRAPHS = "report.html", "graphs"


class Report(NamedTuple):
    """What was written of a run, and what is thought of it."""

    page: Path
    graphs: tuple[Path, ...]
    """The first has all panels."""
    verdict: Verdict
    comparison: Comparison | None

    @property
    def kept(self) -> bool:
        """Whether the SLO was kept, and nothing is worse than the baseline."""
        return self.verdict.kept and (self.comparison is None or self.comparison.kept)


def write_report(
    folder: Path,
    *,
    slo: Slo,
    baseline: Path | None = None,
    tolerances: Tolerances | None = None,
) -> Report:
    """Write graphs/*.png and report.html into a run's folder.

    Raises UsageError where the folder or the baseline holds no run, where the baseline is one of
    something else, and where matplotlib is not installed.
    """
    run = read_run(folder)
    limits = tolerances or Tolerances()
    comparison = compare(run, read_run(baseline), limits) if baseline else None
    verdict, picture = judge(run, slo), picture_of(run, slo)
    page = folder / PAGE
    page.write_text(page_html(run, picture, verdict, comparison), encoding="utf-8")
    return Report(page, _graphs(folder / GRAPHS, picture), verdict, comparison)


def _graphs(folder: Path, picture: Picture) -> tuple[Path, ...]:
    """matplotlib is imported here: it takes longer than all the rest."""
    try:
        from loadtest.report.charts import draw_graphs
    except ModuleNotFoundError as error:
        raise UsageError(
            f"graphs need {error.name}\n    pip install -c constraints.txt -e '.[loadtest]'"
        ) from None
    return draw_graphs(folder, picture)
