"""A page of quick-create links as its reader sees it: what to open, what to fill in."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from generator.build.quick_create import ACCOUNT


class Link(NamedTuple):
    """One step of the page: the address that its link opens, and its table of what to copy."""

    address: str
    said: str
    copied: dict[str, str]

    @property
    def region(self) -> str:
        """The Region whose console it opens."""
        return urlsplit(self.address).netloc.partition(".")[0]

    @property
    def place(self) -> str:
        """Where in CloudFormation's console: `/stacks/create/review`, or nothing."""
        return urlsplit(self.address).fragment.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """What fills the console's form in."""
        return dict(
            parse_qsl(urlsplit(self.address).fragment.partition("?")[2], strict_parsing=True)
        )

    @property
    def parameters(self) -> dict[str, str]:
        """The Parameters among that."""
        found = self.query.items()
        return {key.removeprefix("param_"): v for key, v in found if key.startswith("param_")}

    @property
    def template(self) -> str:
        """File name of the template that it launches."""
        return self.query["templateURL"].rpartition("/")[2]


def links_of(page: str, account: str) -> list[Link]:
    """All steps of a page into which an account's id was typed."""
    reader = _Reader()
    reader.feed(page.replace(ACCOUNT, account))
    return reader.links


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self._cells: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(Link(dict(attrs)["href"] or "", "", {}))
        if tag == "li":
            self._inside = True
        if tag == "tr":
            self._cells = []
        if tag == "td":
            self._cells.append("")

    def handle_data(self, data: str) -> None:
        if self._cells:
            self._cells[-1] += data
        elif self._inside and self.links:
            self.links[-1] = self.links[-1]._replace(said=self.links[-1].said + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "tr" and self._cells:
            name, origin = self._cells
            self.links[-1].copied[name] = origin
            self._cells = []
        if tag == "li":
            self._inside = False
