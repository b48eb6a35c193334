"""What comes in: JSON of a bounded size, names and numbers that are checked."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Collection
from typing import Any, NoReturn

from .exchange import Disconnected, Request
from .problems import BadRequest, TooLarge, TooSlow

MOST_BYTES = 64 * 1024
"""Of a body. An item of DynamoDB has room for it even with each character escaped."""
BODY_SECONDS = 10.0
LARGEST = 2**53 - 1
"""Of a score: as far as JSON's numbers, and Redis' scores, are exact."""

_PLAYER = re.compile(r"[\w.~-]{1,64}")
"""Letters and digits of any script."""
_BOARD = re.compile(r"[A-Za-z0-9._~-]{1,64}")


async def read_json(request: Request, fields: Collection[str]) -> dict[str, Any]:
    """The body, an object that has these fields. Raises BadRequest, TooLarge, TooSlow."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read(MOST_BYTES)
    except TimeoutError:
        raise TooSlow(f"the body did not arrive within {BODY_SECONDS:g} s") from None
    except Disconnected:
        raise BadRequest("the body ended early") from None
    if len(body) > MOST_BYTES:
        raise TooLarge(f"a body may have {MOST_BYTES} bytes")
    document = _parse(body)
    for field in fields:
        if field not in document:
            raise BadRequest(f"the body lacks {field!r}")
    return document


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_float=_finite, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(f"the body is not JSON: {error.msg}, {where}") from None
    except (ValueError, RecursionError):
        raise BadRequest("the body is not JSON that can be read here") from None
    if not isinstance(document, dict):
        raise BadRequest("the body has to be a JSON object")
    return document


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity, which are not JSON."""
    raise BadRequest(f"the body is not JSON: {constant}")


def _finite(number: str) -> float:
    """Python reads what is too large for it as infinity, which it would write as no JSON."""
    value = float(number)
    if math.isinf(value):
        raise BadRequest("the body has a number that is too large")
    return value


def player(value: object) -> str:
    """Raises BadRequest."""
    return _name(value, _PLAYER, "player", "letters, digits and . _ ~ -")


def board(value: object) -> str:
    """Raises BadRequest."""
    return _name(value, _BOARD, "board", "letters of English, digits and . _ ~ -")


def data(value: object) -> dict[str, Any]:
    """Raises BadRequest."""
    if not isinstance(value, dict):
        raise BadRequest("'data' has to be a JSON object")
    return value


def score(value: object) -> int:
    """Raises BadRequest."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise BadRequest(f"'score' has to be a whole number, at most {LARGEST}")
    return value


def number(request: Request, name: str, default: int, most: int) -> int:
    """A number from 1 in the query. Raises BadRequest."""
    text = request.parameter(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise BadRequest(f"{name!r} has to be a whole number from 1 to {most}")
    return int(text)


def _name(value: object, pattern: re.Pattern[str], field: str, wanted: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(f"{field!r} has to be 1 to 64 characters: {wanted}")
    return value
