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
CODE = Field("responseCode", "rc", "response_code=true", _TEXT)
SUCCEEDED = Field("success", "s", "successful=true", _TRUTH)
MESSAGE = Field("responseMessage", "rm", "response_message=true", _TEXT)
THREAD = Field("threadName", "tn", "thread_name=true", _TEXT)
BYTES = Field("bytes", "by", "bytes=true", _NUMBER)
THREADS = Field("allThreads", "na", "thread_counts=true", _NUMBER)
IDLE = Field("IdleTime", "it", "idle_time=true", _NUMBER)
NEEDED = (STARTED, ELAPSED, LABEL, SUCCEEDED, CODE, MESSAGE, THREAD, BYTES, THREADS)
FIELDS = (*NEEDED, IDLE)
"""JMeter 2.13 saves the last one only when it is told to."""

_SUMS_UP = re.compile(r"Number of samples in transaction : ([0-9]{1,15})\b")


class Sample(NamedTuple):
    """One sample, and in which line of its file it is."""

    line: int
    started: int
    elapsed: int
    label: str
    succeeded: bool
    code: str
    """An HTTP status, or what a sampler has instead."""
    message: str
    thread: str
    """Its name, which no other thread has."""
    bytes: int
    threads: int
    """How many were active when it ended, in the engine that it came from."""
    idle: int
    """How long its thread waited meanwhile, which `elapsed` has not in it: a transaction's timers.
    0 where that was not saved."""

    @property
    def began(self) -> float:
        """Seconds since the epoch."""
        return self.started / 1000.0

    @property
    def ended(self) -> float:
        """Seconds since the epoch."""
        return (self.started + self.elapsed) / 1000.0

    @property
    def free_at(self) -> int:
        """When its thread could go on, as `started`; at least a millisecond later than that."""
        return self.started + max(1, self.elapsed + self.idle)

    @property
    def sums_up(self) -> int | None:
        """How many others are summed up in it, if it is a Transaction Controller's."""
        found = _SUMS_UP.match(self.message)
        return int(found[1]) if found else None


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
    """A sample from the texts of FIELDS, or of NEEDED alone.

    UsageError names the one that is not what it should be.
    """
    for field, value in zip(FIELDS, values, strict=False):
        if not field.allowed.fullmatch(value):
            raise fault(path, line, f"{field.column} is {value[:40]!r}", _remedy(field))
    started, elapsed, label, succeeded, code, message, thread, size, threads, *idle = values
    return Sample(
        line=line,
        started=int(started),
        elapsed=int(elapsed),
        label=label,
        succeeded=succeeded == "true",
        code=code,
        message=message,
        thread=thread,
        bytes=int(size),
        threads=int(threads),
        idle=int(idle[0]) if idle else 0,
    )


def _remedy(field: Field) -> str:
    if field is STARTED:
        return f"milliseconds since the epoch are read: run jmeter with {field.setting}"
    return "JMeter writes no such line: delete it if the run was broken off here"
