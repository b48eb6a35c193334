"""taskcat's own report and logs, made without the network.

taskcat 0.9.58 fetches the report's style sheet from GitHub (`_generate_reports.py`, `requests.get`)
and makes no report when that fails; ours is given to it instead, and is part of the page.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

STYLE_SHEET = Path(__file__).with_name("report.css")


class _Answer(NamedTuple):
    text: str


class OurStyleSheet:
    """Stands where taskcat's report module has `requests`."""

    def get(self, url: str, timeout: float) -> _Answer:
        """The style sheet, whatever is asked for."""
        return _Answer(STYLE_SHEET.read_text())


def write_report(stacker: Any, folder: Path) -> Path:
    """Write the page, and a log a stack with those of its nested stacks. Returns the page."""
    from taskcat import _generate_reports
    from taskcat._cfn._log_stack_events import _CfnLogTools

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _CfnLogTools().createcfnlogs(stacker, folder)
    page = folder / "index.html"
    with patch.object(_generate_reports, "requests", OurStyleSheet()):
        _generate_reports.ReportBuilder(stacker, page).generate_report()
    page.write_text(with_updates_green(page.read_text()))
    return page


def with_updates_green(html: str) -> str:
    """taskcat knows no update that went well."""
    return re.sub(r"class=test-red(>\s*UPDATE_COMPLETE\b)", r"class=test-green\1", html)
