"""A page as a test sees it: its elements, its text, and the JSON in it."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br", "link", "img", "input", "path"}


class Page(HTMLParser):
    """Reads a page; elements in order, text as a person sees it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.scripts: dict[str, str] = {}
        self._open: list[str] = []
        self._script = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag == "script":
            self._script = attributes.get("id", "code")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["script"]:
            self.scripts[self._script] = data
        elif self._open[-1:] != ["style"]:
            self.text += data

    @property
    def is_whole(self) -> bool:
        """Whether everything that was opened was closed."""
        return not self._open

    def of(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements of a kind."""
        return [attributes for name, attributes in self.elements if name == tag]

    def embedded(self, name: str) -> Any:
        """The JSON of a data block."""
        return json.loads(self.scripts[name])
