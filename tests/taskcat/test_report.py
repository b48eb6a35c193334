"""taskcat's report needs no network, and calls an update that went well green."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.taskcat.report import STYLE_SHEET, OurStyleSheet, with_updates_green

CHECKOUT = Path(__file__).resolve().parents[2]
PYTHON = CHECKOUT / ".venv-taskcat" / "bin" / "python"
WITHOUT_NETWORK = """
import pathlib, socket, types
def refused(*_, **__): raise OSError("no network here")
socket.socket.connect = refused
from tests.taskcat.report import write_report
print(write_report(types.SimpleNamespace(stacks=[]), pathlib.Path({folder!r})).read_text())
"""


@pytest.mark.parametrize(
    "status, colour", [("UPDATE_COMPLETE", "green"), ("UPDATE_COMPLETE_CLEANUP", "red")]
)
def test_what_was_updated_is_green(status: str, colour: str) -> None:
    found = with_updates_green(f"<td class=test-red>\n    {status}\n</td>")
    assert found == f"<td class=test-{colour}>\n    {status}\n</td>"


def test_our_style_sheet_fetches_nothing() -> None:
    style = OurStyleSheet().get("https://example.com/any.css", timeout=3).text
    assert style == STYLE_SHEET.read_text()
    assert not [word for word in ("@import", "url(") if word in style]


@pytest.mark.skipif(not PYTHON.is_file(), reason="taskcat's environment is not installed")
def test_the_real_taskcat_writes_it_without_a_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(PYTHON), "-c", WITHOUT_NETWORK.format(folder=str(tmp_path / "report"))],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert ".test-green" in done.stdout
    assert "<link" not in done.stdout
