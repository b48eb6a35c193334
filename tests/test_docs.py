"""README and its Korean twin say the same, and the commands they name exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

CHECKOUT = Path(__file__).resolve().parents[1]
TWINS = ("README.md", "README.ko.md")
OPTION = r"--[a-z][a-z0-9-]*"


@cache
def tokens(name: str) -> list[Token]:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    return MarkdownIt("commonmark").enable("table").parse(text)


def headings(name: str) -> list[str]:
    return [token.tag for token in tokens(name) if token.type == "heading_open"]


def code_blocks(name: str) -> list[tuple[str, str]]:
    blocks = ("fence", "code_block")
    return [(token.info, token.content) for token in tokens(name) if token.type in blocks]


def code_spans(token: Token) -> list[str]:
    return [child.content for child in token.children or () if child.type == "code_inline"]


def rows(name: str) -> list[list[list[str]]]:
    """The code spans of each cell, of each row of the tables' bodies."""
    found: list[list[list[str]]] = []
    for before, token in pairwise(tokens(name)):
        if token.type == "tr_open":
            found.append([])
        elif before.type in ("th_open", "td_open"):
            found[-1].append(code_spans(token))
    return found


def typed(name: str) -> Iterator[str]:
    """What a reader types: spans, indented blocks, and the lines of fences after a `$`."""
    for token in tokens(name):
        if token.type == "inline":
            yield from code_spans(token)
        elif token.type == "code_block":
            yield from token.content.splitlines()
        elif token.type == "fence":
            yield from re.findall(r"^\s*\$ (.+)$", token.content, re.MULTILINE)


def commands(name: str) -> Iterator[str]:
    """Each typed command, without its comment; one that is given to another counts by itself."""
    for line in typed(name):
        for command in re.split("&&| -- ", line.partition(" #")[0]):
            yield command.strip().removeprefix("$ ")


def generator_uses(name: str) -> set[tuple[str, str]]:
    """(subcommand, option or nothing): of what is typed, and of the rows of the command table."""
    uses: set[tuple[str, str]] = set()
    for command in commands(name):
        if found := re.match(r"(?:\S*python3? -m generator|gtm) ([a-z][a-z-]*)(.*)", command):
            uses |= {(found[1], option) for option in ("", *re.findall(OPTION, found[2]))}
    for first, *others in rows(name):
        spans = " ".join(span for cell in (first, *others) for span in cell)
        if first and re.match(r"[a-z-]+ \[", first[0]):
            uses |= {(first[0].split()[0], option) for option in ("", *re.findall(OPTION, spans))}
    return uses


@cache
def offered(*words: str) -> set[str]:
    """The first word of each row of `--help`: its subcommands or options."""
    done = subprocess.run(
        [sys.executable, "-m", "generator", *words, "--help"],
        cwd=CHECKOUT,
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return set(re.findall(r"^[│|*\s]+([a-z0-9-]+) ", done.stdout, re.MULTILINE))


def test_the_twins_have_the_same_headings() -> None:
    english, korean = map(headings, TWINS)
    assert english
    assert korean == english


def test_the_twins_show_the_same_code() -> None:
    english, korean = map(code_blocks, TWINS)
    assert english
    assert korean == english


def test_the_twins_tables_are_about_the_same_things() -> None:
    english, korean = ([cells[0] for cells in rows(name)] for name in TWINS)
    assert any(english)
    assert korean == english


@pytest.mark.parametrize("name", TWINS)
def test_every_make_target_exists(name: str) -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][\w-]*):(?!=)", makefile, re.MULTILINE))
    named = {found[1] for line in commands(name) if (found := re.match(r"make ([a-z]\S*)", line))}
    assert named
    assert named <= targets


@pytest.mark.parametrize("name", TWINS)
def test_every_command_and_option_exists(name: str) -> None:
    uses = generator_uses(name)
    assert uses
    assert {command for command, _ in uses} <= offered()
    missing = {(command, option) for command, option in uses if option} - {
        (command, option) for command, _ in uses for option in offered(command)
    }
    assert not missing


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_readme_counts_the_rules_that_there_are(name: str) -> None:
    rules = re.findall(r'^    id = "E9\d{3}"', _rule_sources(), re.MULTILINE)
    assert str(len(rules)) in (CHECKOUT / name).read_text(encoding="utf-8")


def _rule_sources() -> str:
    return "\n".join(
        path.read_text() for path in (CHECKOUT / "generator/checks/rules").rglob("*.py")
    )
