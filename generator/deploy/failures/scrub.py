"""Takes secrets out of texts that AWS or botocore wrote.

AWS echoes what it got: a signature that does not match comes back with the headers that were
signed, session token included, and a value that is not valid comes back whole.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (prefixes of key ids)
"""

from __future__ import annotations

import re
from collections.abc import Collection

LONGEST = 700
"""Characters of AWS's own text that are shown."""

HIDDEN = "[hidden]"
_SHORTEST = 4
"""Replacing a shorter value would take ordinary words out of the text."""

_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), f"{kept}{HIDDEN}")
    for pattern, kept in (
        # headers, to the end of their line; what was signed, to the end of the text
        (r"\b(authorization|x-amz-security-token|cookie)\b(\s*[:=]|\s+header\b)[^\n]*", r"\1: "),
        (r"\bthe (canonical string|string-to-sign)\b.*", ""),
        # named values: query parameters, JSON, XML
        (r"\b(x-amz-(?:credential|signature)|signature|awsaccesskeyid)=[^&\s]+", r"\1="),
        (
            r"(secret_?access_?key|(?:session|security|refresh|access)_?token|access_?key_?id"
            r"|password|client_?secret)(['\"]?\s*[:=]\s*)['\"]?[^\s'\",;}<]+",
            r"\1\2",
        ),
        (
            r"<(awsaccesskeyid|stringtosign|canonicalrequest|signatureprovided|sessiontoken"
            r"|secretaccesskey)>.*?</\1>",
            r"<\1>",
        ),
        # values of the request: in CloudFormation's constraint errors, and in botocore's own
        (r"(?<=\bvalue ')(?:.*?)(?=' at ')", ""),
        (r"(?<=, value: ).*?(?=, type: |, valid |\n|$)", ""),
        # whatever looks like a key id, a token, or a secret key
        (r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\b", ""),
        (r"\beyJ[\w.-]{20,}", ""),
        (r"[A-Z0-9+/=%]{100,}", ""),
        (
            r"(?<![A-Z0-9+/=])(?-i:(?=\S*[a-z])(?=\S*[A-Z]))(?=\S*\d)[A-Z0-9+/]{40}(?![A-Z0-9+/=])",
            "",
        ),
    )
)


def scrubbed(text: str, secrets: Collection[str] = ()) -> str:
    """The text without keys, tokens, signed headers, values of the request, and `secrets`."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, HIDDEN)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def brief(text: str) -> str:
    """On one line, and no longer than a person reads. Scrubbed first: cut, a secret is not one."""
    line = " ".join(scrubbed(text).split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} …"
