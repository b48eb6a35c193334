"""What a request can be refused with.

    Problem          the request's end: a status and what to tell
    ├── BadRequest   400  what it asks for makes no sense
    ├── Forbidden    403  it did not come through the front door
    ├── NotFound     404
    ├── NoMethod     405  not so, but in other ways
    ├── TooSlow      408  its body does not arrive
    ├── TooLarge     413
    └── Unavailable  503  not now: Retry-After says when

A text is for whoever sent the request: it names no id, no other request and no secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

RETRY_AFTER_SECONDS = 1
"""Longer than the retries that have failed, short enough for a person to wait."""


class Problem(Exception):
    """A request that ends otherwise than it wished."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, text: str, cause: str = "") -> None:
        """`cause` is for the log: why it is so, in a word or two."""
        super().__init__(text)
        self.cause = cause
        self.headers: tuple[tuple[bytes, bytes], ...] = ()


class BadRequest(Problem):
    """What is asked for makes no sense; the text says what of it."""

    status = HTTPStatus.BAD_REQUEST


class Forbidden(Problem):
    """The request did not come by way of the edge."""

    status = HTTPStatus.FORBIDDEN


class NotFound(Problem):
    """There is no such thing, or no longer."""

    status = HTTPStatus.NOT_FOUND


class NoMethod(Problem):
    """The path is there, for other methods."""

    status = HTTPStatus.METHOD_NOT_ALLOWED

    def __init__(self, methods: Iterable[str]) -> None:
        allowed = ", ".join(methods)
        super().__init__(f"this path takes {allowed}")
        self.headers = ((b"allow", allowed.encode()),)


class TooSlow(Problem):
    """The body did not arrive in time, and the connection is of no more use."""

    status = HTTPStatus.REQUEST_TIMEOUT

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.headers = ((b"connection", b"close"),)


class TooLarge(Problem):
    """The body is larger than any that makes sense here."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Unavailable(Problem):
    """Nothing is wrong with the request; what answers it is overloaded or out."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, text: str, cause: str = "") -> None:
        super().__init__(text, cause)
        self.headers = ((b"retry-after", b"%d" % RETRY_AFTER_SECONDS),)
