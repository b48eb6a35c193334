"""Which handler a request is for."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from .exchange import Request, Response
from .problems import NoMethod, NotFound

Handler: TypeAlias = Callable[..., Awaitable[Response]]
"""Takes the request, and then what the path's names stand for."""

_NAME = re.compile(r"\{\w+\}")


class Router:
    """Paths with names in braces, each of which stands for one part; tried in turn."""

    def __init__(self, routes: Mapping[str, Mapping[str, Handler]]) -> None:
        """By path, then by method. HEAD is GET; the server leaves the body out."""
        self._routes = [(_pattern(path), _methods(handlers)) for path, handlers in routes.items()]

    async def answer(self, request: Request) -> Response:
        """The handler's response. Raises NotFound and NoMethod, and what the handler raises."""
        for pattern, handlers in self._routes:
            found = pattern.fullmatch(request.path)
            if found:
                handler = handlers.get(request.method)
                if handler is None:
                    raise NoMethod(handlers)
                request.handler = handler.__name__
                return await handler(request, *found.groups())
        raise NotFound("there is nothing at this path")


def _pattern(path: str) -> re.Pattern[str]:
    parts = _NAME.split(path)
    return re.compile("([^/]+)".join(map(re.escape, parts)))


def _methods(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    return {**handlers, "HEAD": handlers["GET"]} if "GET" in handlers else dict(handlers)
