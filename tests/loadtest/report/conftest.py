"""The example's report, drawn once a test process, and a browser to look at it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loadtest.report import Report, write_report
from loadtest.results import write_run
from tests.browser import chromium
from tests.loadtest.report.example import SLO, spike_run

__all__ = ["chromium", "example"]


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The spike, held against a baseline that was twice as fast."""
    folder, baseline = (tmp_path_factory.mktemp(name) for name in ("spike", "baseline"))
    run = spike_run()
    write_run(folder, run)
    faster = tuple(replace(row, p99=row.p99 / 2) for row in run.totals)
    write_run(baseline, run._replace(totals=faster))
    return write_report(folder, slo=SLO, baseline=baseline)
