"""botocore's errors in words: the root cause first, then where, then what to do.

    BotoCoreError          no whole answer came from AWS      unsent.py
    ├── credentials        none, half of them, expired, a sign-in that is over
    ├── configuration      profile, Region, endpoint, proxy, retry settings
    ├── network            not reachable, TLS, timeout, connection closed
    └── the call itself    refused by botocore before it was sent: a bug of ours
    ResponseParserError    what answered is not AWS           unsent.py
    ClientError            AWS answered with an error code    codes.py, by what it says: messages.py
    └── AccessDenied       which action on which resource     denied.py

All of them become AwsError. What is none of these is not caught: it is a bug, and keeps its
traceback. No text of AWS is shown before scrub.py has seen it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from generator.deploy.failures.codes import NOT_YET, THROTTLED_CODES, TRANSIENT_CODES, by_code
from generator.deploy.failures.denied import DENIED_CODES, denied
from generator.deploy.failures.messages import by_message
from generator.deploy.failures.saying import Saying
from generator.deploy.failures.scrub import brief, scrubbed
from generator.deploy.failures.unsent import is_outage, is_untrusted, unsent
from generator.errors import AwsError

__all__ = [
    "FAULTS",
    "Fault",
    "explained",
    "is_passing",
    "is_untrusted",
    "scrubbed",
    "speaking_of",
    "was_repeated",
]

FAULTS = (ClientError, BotoCoreError, ResponseParserError)
"""What botocore raises when a call fails."""

Fault: TypeAlias = ClientError | BotoCoreError | ResponseParserError
DEPLOYER = "PREFIX-deployer"
_SERVER_FAULT = 500


def explained(
    error: Fault, where: str, *, deployer: str = DEPLOYER, secrets: Collection[str] = ()
) -> AwsError:
    """The error of ours that says the same with its cause, its place and its remedy.

    `deployer` is the role that may roll out; `secrets` are values that must never be shown.
    """
    saying = _saying(error, deployer)
    text = brief(_words(error)) if saying.quotes else ""
    first = f"{saying.cause}: {text}" if text else saying.cause
    lines = [first, f"    {where}: {_source(error)}", f"    {saying.remedy}"]
    return AwsError(scrubbed("\n".join(lines), secrets))


@contextmanager
def speaking_of(
    where: str, *, deployer: str = DEPLOYER, secrets: Collection[str] = ()
) -> Iterator[None]:
    """Calls inside that fail raise AwsError, which says `where`."""
    try:
        yield
    except FAULTS as error:
        raise explained(error, where, deployer=deployer, secrets=secrets) from error


def is_passing(error: Fault) -> bool:
    """Whether it may be over by itself, so that a wait goes on.

    Throttling, an outage of AWS or of the network; and what a wait asks for is not visible yet:
    CloudFormation's reads may lag behind its writes.
    """
    if not isinstance(error, ClientError):
        return is_outage(error)
    code, message = error.response["Error"].get("Code", ""), _words(error)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return bool(
        status >= _SERVER_FAULT
        or code in THROTTLED_CODES | TRANSIENT_CODES | NOT_YET
        or (code == "ValidationError" and message.endswith("does not exist"))
    )


def was_repeated(error: ClientError) -> bool:
    """Whether botocore sent the call more than once, so that an earlier one may have been done."""
    return bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))


def _saying(error: Fault, deployer: str) -> Saying:
    if not isinstance(error, ClientError):
        return unsent(error)
    code = error.response.get("Error", {}).get("Code", "")
    if code in DENIED_CODES:
        return denied(_words(error), error.operation_name, deployer)
    return by_message(code, _words(error)) or by_code(code)


def _words(error: Fault) -> str:
    """What AWS, or botocore, says itself."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Message") or "").strip()
    return str(error).strip()


def _source(error: Fault) -> str:
    """Which call answered what, for a search in CloudTrail or a case with AWS."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    facts = error.response.get("ResponseMetadata", {})
    code = error.response.get("Error", {}).get("Code", "no code")
    tries = f" after {facts['RetryAttempts'] + 1} tries" if facts.get("RetryAttempts") else ""
    request = f" (request {facts['RequestId']})" if facts.get("RequestId") else ""
    return f"{error.operation_name} answered {code}{tries}{request}"
