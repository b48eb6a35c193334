"""The pages of docs/ point at what exists, and the index points at each of them."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import INDEX, PAGES, anchors, fences, links, target_of
from tests.test_docs import CHECKOUT

READERS_START = ("README.md", "README.ko.md", "ARCHITECTURE.md")


def relative(page: str) -> list[str]:
    return [link for link in links(page) if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize("page", [*READERS_START, *PAGES])
def test_every_link_within_the_checkout_has_a_target(page: str) -> None:
    for link in relative(page):
        target, anchor = target_of(page, link)
        assert target.exists(), link
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.relative_to(CHECKOUT).as_posix()), link


@pytest.mark.parametrize("page", [page for page in PAGES if page != INDEX])
def test_the_index_names_every_page(page: str) -> None:
    assert CHECKOUT / page in {target_of(INDEX, link)[0] for link in relative(INDEX)}


@pytest.mark.parametrize("page", PAGES)
def test_what_is_not_run_says_why(page: str) -> None:
    assert all(fence.reason is None or len(fence.reason) > 10 for fence in fences(page))
