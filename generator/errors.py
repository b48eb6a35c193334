"""Every error that a person can meet, as one tree.

    GtmError                    exit 1
    ├── SettingsError           exit 2   faults in parameters/*.yaml, all of them at once
    ├── UsageError              exit 2   a command line that asks for what does not exist
    ├── WiringError             exit 1   two layers disagree: a bug of ours, named as one
    ├── SandboxError            exit 1   the local AWS does not start, or is not the one we know
    ├── CheckFailed             exit 1   findings, a broken contract, stale templates
    ├── Refused                 exit 3   what would be unsafe, and how to ask for it all the same
    ├── AwsError                exit 1   AWS refused a call, or could not be reached
    ├── RolloutFailed           exit 1   steps of a rollout that failed, each with its first cause
    └── Detached                exit 130 left while CloudFormation goes on, and how to come back

A message says what, where, and what to do next. Anything else that escapes is a bug and keeps its
traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple


class Exit(IntEnum):
    """Exit codes of every command."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    INTERRUPTED = 130


class GtmError(Exception):
    """What went wrong, where, and what to do next."""

    exit_code = Exit.FAILED


class UsageError(GtmError):
    """The command line names an environment, a layer or a rule that does not exist."""

    exit_code = Exit.BAD_INPUT


class WiringError(GtmError):
    """A layer needs what none offers, or two define one name differently."""


class SandboxError(GtmError):
    """The local AWS does not start, or ministack is not the release that we extend."""


class CheckFailed(GtmError):
    """Templates were made and do not pass."""


class Refused(GtmError):
    """Not done because it is not safe, or not what was reviewed."""

    exit_code = Exit.REFUSED


class AwsError(GtmError):
    """A call that AWS refused, or that never reached it."""


class RolloutFailed(GtmError):
    """Steps of a rollout failed; what else was under way has been waited for."""


class Detached(GtmError):
    """Left on purpose while CloudFormation goes on."""

    exit_code = Exit.INTERRUPTED


class Fault(NamedTuple):
    """One fault of a settings file. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return (
            f"{self.file}:{self.line}:{self.column}: {self.key}: {self.problem}\n    {self.remedy}"
        )


class SettingsError(GtmError):
    """All faults of one settings file."""

    exit_code = Exit.BAD_INPUT

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        count = f"{len(self.faults)} fault{'s' if len(self.faults) != 1 else ''}"
        super().__init__("\n".join([*map(str, self.faults), f"{count}; nothing was written"]))
