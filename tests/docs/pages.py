"""The pages of docs/ as their reader sees them: fences, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from tests.test_docs import CHECKOUT, tokens

INDEX = "docs/README.md"
PAGES = tuple(sorted(path.relative_to(CHECKOUT).as_posix() for path in CHECKOUT.glob("docs/*.md")))
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.*?) -->\s*")


class Fence(NamedTuple):
    """Commands that a page shows; `reason` says why they are not run, where they are not."""

    line: int
    script: str
    reason: str | None


def fences(page: str) -> Iterator[Fence]:
    """Its ```sh fences, in order."""
    for before, token in pairwise((None, *tokens(page))):
        if token and token.type == "fence" and token.info.split()[:1] == ["sh"]:
            remark = before.content if before and before.type == "html_block" else ""
            found = NOT_RUN.fullmatch(remark)
            line = token.map[0] + 1 if token.map else 0
            yield Fence(line, token.content, found["reason"] if found else None)


def links(page: str) -> Iterator[str]:
    """Where it points to: links and pictures."""
    for token in tokens(page):
        for child in token.children or ():
            target = child.attrGet("href" if child.type == "link_open" else "src")
            if target:
                yield str(target)


def anchors(page: str) -> set[str]:
    """What a link may point at within it: its headings, as GitHub names them."""
    opened = (text for opens, text in pairwise(tokens(page)) if opens.type == "heading_open")
    return {_anchor(text.content) for text in opened}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def target_of(page: str, link: str) -> tuple[Path, str]:
    """The file that a relative link names, and the anchor in it."""
    path, _, anchor = unquote(link).partition("#")
    here = CHECKOUT / page
    return ((here.parent / path).resolve() if path else here), anchor
