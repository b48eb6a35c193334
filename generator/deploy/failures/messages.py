"""Where one error code means many things, what AWS says tells them apart.

CloudFormation answers ValidationError for nearly everything, and S3 and STS name a clock that is
wrong a signature that is wrong.
"""

from __future__ import annotations

import re

from generator.deploy.failures.codes import CLOCK
from generator.deploy.failures.saying import BUILD_AGAIN, RUN_AGAIN, WAIT, Saying

AMBIGUOUS = frozenset(
    {
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "ValidationError",
        "ValidationException",
    }
)
"""Codes that mean many things."""

_MESSAGES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), saying)
    for pattern, saying in (
        (r"signature (expired|not yet current)|clock.*skew", CLOCK),
        (
            r"(at 'templateBody' failed|template.* may not exceed)",
            Saying(
                "the template is larger than CloudFormation takes (51,200 bytes in the call, "
                "1 MB from a bucket)",
                "`build` shows the sizes; fewer Regions, tables or options make it smaller",
            ),
        ),
        (
            r"is in \w+_IN_PROGRESS state",
            Saying("another operation runs on the stack", WAIT, quotes=True),
        ),
        (
            r"is in \w*(ROLLBACK|FAILED)\w* state|is in REVIEW_IN_PROGRESS",
            Saying(
                "the stack's state does not allow this",
                "run deploy again: it finishes or clears what got stuck, and goes on",
                quotes=True,
            ),
        ),
        (
            r"TerminationProtection is enabled",
            Saying("the stack is protected against deletion", RUN_AGAIN, quotes=True),
        ),
        (
            r"(role .* is invalid or cannot be assumed|cannot assume role)",
            Saying(
                "CloudFormation can't take the role that it is to work in",
                "the foundation makes it: roll that out first, and wait a minute after a new role",
                quotes=True,
            ),
        ),
        (
            r"(S3 error|TemplateURL must)",
            Saying(
                "CloudFormation can't read the template from the artifact bucket",
                "see that the caller may read the bucket (s3:GetObject), and run it again: what is "
                "missing there is uploaded",
                quotes=True,
            ),
        ),
        (
            r"export .* (cannot be (deleted|updated)|is already exported)",
            Saying(
                "another stack uses, or has, the same export",
                "roll out what uses it first, or remove it; `outputs` shows who offers what",
                quotes=True,
            ),
        ),
        (
            r"(template format error|template error|unresolved resource|template validation)",
            Saying("CloudFormation can't read the template", BUILD_AGAIN, quotes=True),
        ),
        (
            r"(^parameters?:? |parameter validation failed|must be one of AllowedValues)",
            Saying("a parameter is missing, or its value is not allowed", BUILD_AGAIN, quotes=True),
        ),
        (
            r"\bstack(set)?\b.* does not exist",
            Saying("the stack is not there (any more)", RUN_AGAIN, quotes=True),
        ),
        (
            r"(no updates are to be performed|didn't contain changes)",
            Saying("it stands as it was built already", RUN_AGAIN),
        ),
        (
            r"stack policy|denied by stack policy",
            Saying(
                "the stack policy protects what holds state",
                "plan again; if its loss is meant: --allow-replace LOGICAL_ID",
                quotes=True,
            ),
        ),
    )
)


def by_message(code: str, message: str) -> Saying | None:
    """What is said of a message that is more exact than its code; None where none is known."""
    if code not in AMBIGUOUS:
        return None
    for pattern, saying in _MESSAGES:
        if pattern.search(message):
            return saying
    return None
