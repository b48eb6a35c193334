"""A browser for the page of links."""

from tests.browser import chromium

__all__ = ["chromium"]
