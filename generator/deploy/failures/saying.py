"""What is said of a failure, and the remedies that several failures share."""

from __future__ import annotations

from typing import NamedTuple


class Saying(NamedTuple):
    """A failure in plain words."""

    cause: str
    remedy: str
    quotes: bool = False
    """Whether what AWS said is added: where it says more, and echoes nothing of the request."""


LOG_IN = (
    "log in: `aws sso login`, or set AWS_PROFILE; `aws sts get-caller-identity` shows who you are"
)
LOG_IN_AGAIN = (
    "log in again (`aws sso login`, or new keys) and run it again: what CloudFormation has begun "
    "goes on meanwhile, and is taken up"
)
RUN_AGAIN = "run it again: it looks at what stands, and goes on from there"
WAIT = "wait for it, or run deploy again: it waits by itself, and then goes on"
REPORT = "this is a bug of this program: report it with this text"
BUILD_AGAIN = "correct parameters/*.yaml, build again, and run it again"
SETTINGS = "correct it in the environment or in ~/.aws/config"
"""Remedies."""

UNKNOWN = Saying(
    "AWS refused the call, with an error that is not known here",
    "act on what AWS says; the operation's page in the API reference may list the error",
    quotes=True,
)
"""Said of an error code that is in no table."""

UNKNOWN_UNSENT = Saying(
    "the call failed before AWS answered, in a way that is not known here",
    "act on what botocore says; run it again once that is mended",
    quotes=True,
)
"""Said of an exception that is in no table."""
