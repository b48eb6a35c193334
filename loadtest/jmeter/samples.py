"""A sample of JMeter, from the texts that either form of its result files has.

Times are milliseconds: since the epoch when the sample began, and how long it took until the last
byte had come. https://jmeter.apache.org/usermanual/listeners.html#csvlogformat
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError


class Field(NamedTuple):
    """What we read of a sample, as CSV and XML call it, and which property of JMeter saves it."""

    column: str
    attribute: str
    saved_by: str
    allowed: re.Pattern[str]

    @property
    def setting(self) -> str:
        """The argument of `jmeter` that saves it."""
        return f"-Jjmeter.save.saveservice.{self.saved_by}"


_NUMBER = re.compile(r"[0-9]{1,15}")
_TEXT = re.compile(r".*", re.DOTALL)
_TRUTH = re.compile("true|false")

STARTED = Field("timeStamp", "ts", "timestamp_format=ms", _NUMBER)
ELAPSED = Field("elapsed", "t", "time=true", _NUMBER)
LABEL = Field("label", "lb", "label=true", _TEXT)
SUCCEEDED = Field("success", "s", "successful=true", _TRUTH)
MESSAGE = Field("responseMessage", "rm", "response_message=true", _TEXT)
BYTES = Field("bytes", "by", "bytes=true", _NUMBER)
THREADS = Field("allThreads", "na", "thread_counts=true", _NUMBER)
FIELDS = (STARTED, ELAPSED, LABEL, SUCCEEDED, MESSAGE, BYTES, THREADS)

_SUMS_UP_OTHERS = "Number of samples in transaction"


class Sample(NamedTuple):
    """One sample, and in which line of its file it is."""

    line: int
    started: int
    elapsed: int
    label: str
    succeeded: bool
    message: str
    bytes: int
    threads: int
    """How many were active when it ended, in the engine that it came from."""

    @property
    def ended(self) -> float:
        """Seconds since the epoch."""
        return (self.started + self.elapsed) / 1000.0

    @property
    def sums_up_others(self) -> bool:
        """Whether it is a Transaction Controller's: what it sums up is in the file besides."""
        return self.message.startswith(_SUMS_UP_OTHERS)


def fault(path: Path, line: int, problem: str, remedy: str) -> UsageError:
    """What is wrong with a line of a file, and what to do about it."""
    return UsageError(f"{path.as_posix()}:{line}: {problem}\n    {remedy}")


def lacking(path: Path, line: int, what: str, fields: Iterable[Field]) -> UsageError:
    """A file in which something was not saved."""
    missing = [*fields]
    names = ", ".join(field.column for field in missing)
    settings = " ".join(field.setting for field in missing)
    return fault(path, line, f"{what} lacks {names}", f"run jmeter with {settings}")


def sample_of(path: Path, line: int, values: Sequence[str]) -> Sample:
    """A sample from the texts of FIELDS. UsageError names the one that is not what it should be."""
    for field, value in zip(FIELDS, values, strict=True):
        if not field.allowed.fullmatch(value):
            raise fault(path, line, f"{field.column} is {value[:40]!r}", _remedy(field))
    started, elapsed, label, succeeded, message, size, threads = values
    return Sample(
        line=line,
        started=int(started),
        elapsed=int(elapsed),
        label=label,
        succeeded=succeeded == "true",
        message=message,
        bytes=int(size),
        threads=int(threads),
    )


def _remedy(field: Field) -> str:
    if field is STARTED:
        return f"milliseconds since the epoch are read: run jmeter with {field.setting}"
    return "JMeter writes no such line: delete it if the run was broken off here"
