"""Logs: one JSON object a line on standard output, which the CloudWatch agent ships.

Of requests, those that failed or were slow are told; of the others one in a hundred: the load
balancer logs every request anyway. A line names the handler, never the path, for an id in it opens
a session; nor does it hold bodies or headers, but for the trace id that finds the request in the
load balancer's log. Of an exception it tells type and place, for its text may quote a body.

Of errors only so many a second: refusals are fast, and would fill the disk while all is out. The
next one tells how many were `not_told`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from typing import Any

EVERY = 100
SLOW_SECONDS = 1.0
MOST_ERRORS = 50
"""A second and process."""
_OURS = "service"
_SERVER_ERROR = 500
_RESERVED = set(vars(logging.makeLogRecord({})))

log = logging.getLogger(_OURS)


def configure() -> None:
    """All loggers of this process, those of libraries from a warning on."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    handler.addFilter(_FewErrors())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    log.setLevel(logging.INFO)


class RequestLog:
    """Decides which requests are worth a line."""

    def __init__(self) -> None:
        self._seen = 0

    def is_told(self, status: int, seconds: float) -> bool:
        """Failed, slow, or one of a hundred: the first one is."""
        self._seen += 1
        is_sample = self._seen % EVERY == 1
        return is_sample or status >= _SERVER_ERROR or seconds >= SLOW_SECONDS

    def tell(self, *, status: int, seconds: float, **more: str) -> None:
        """One line; a server error is one of severity too."""
        level = logging.ERROR if status >= _SERVER_ERROR else logging.INFO
        fields = {"status": status, "milliseconds": round(seconds * 1000, 3), **more}
        log.log(level, "request", extra={name: value for name, value in fields.items() if value})


class _FewErrors(logging.Filter):
    """Lets the first errors of each second pass."""

    def __init__(self) -> None:
        super().__init__()
        self._second = self._seen = self._not_told = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            return True
        if int(record.created) != self._second:
            self._second, self._seen = int(record.created), 0
        self._seen += 1
        if self._seen > MOST_ERRORS:
            self._not_told += 1
            return False
        if self._not_told:
            record.not_told, self._not_told = self._not_told, 0
        return True


class _Json(logging.Formatter):
    """A record as JSON, with what `extra` holds."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields |= {name: value for name, value in vars(record).items() if name not in _RESERVED}
        if record.exc_info and record.exc_info[1]:
            fields["exception"] = _described(record.exc_info[1])
        return json.dumps(fields)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{seconds}.{int(record.msecs):03}Z"


def _described(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": type(error).__name__,
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
