"""What is said is the same on a terminal and in a log."""

from __future__ import annotations

import io

import pytest

from generator.cli.console import Console, PlainConsole, RichConsole, open_console

ROWS = [("network", "39"), ("edge [07]", "15")]


def speak(console: Console) -> None:
    console.line("a [bold]plain[/] line")
    console.table("stacks", ("template", "resources "), ROWS)
    console.error("wrong [sic]")
    with console.progress("lint") as advance:
        advance("network", 1, 2)


def words(text: str) -> list[str]:
    return [word for word in text.replace("┃", " ").replace("│", " ").split() if word.isprintable()]


def test_both_consoles_say_the_same_words(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    speak(PlainConsole(out, err))
    speak(RichConsole())
    live = capsys.readouterr()
    plain = words(out.getvalue())
    assert [word for word in words(live.out) if word in plain] == plain
    assert words(live.err) == words(err.getvalue()) == ["wrong", "[sic]"]


def test_a_plain_table_is_aligned() -> None:
    out = io.StringIO()
    PlainConsole(out, out).table("stacks", ("template", "resources "), ROWS)
    assert out.getvalue().splitlines() == [
        "stacks",
        "  template   resources",
        "  network           39",
        "  edge [07]         15",
    ]


@pytest.mark.parametrize("variable, value", [("NO_COLOR", "1"), ("CI", "1"), ("TERM", "dumb")])
def test_quiet_is_honoured(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert isinstance(open_console(), RichConsole)
    monkeypatch.setenv(variable, value)
    assert isinstance(open_console(), PlainConsole)
