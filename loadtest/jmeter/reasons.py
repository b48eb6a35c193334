"""Why a sample failed, in words that many failures share: from its code, never from its message.

What answers write into a message may have ids and addresses in it.
"""

from __future__ import annotations

import re
from http.client import responses

_STATUS = re.compile(r"[1-5][0-9]{2}")
_EXCEPTION = re.compile(r"Non HTTP response code: (?:[\w$]+[.$])*(?P<name>\w+)")
"""A class of Java, as `java.net.ConnectException`."""
_LONGEST = 60


def reason_of(code: str) -> str:
    """`503 Service Unavailable`, `ConnectException`, or the code of another sampler as it is."""
    if _STATUS.fullmatch(code):
        return _of_status(code)
    exception = _EXCEPTION.match(code)
    return exception["name"] if exception else code[:_LONGEST] or "no response code"


def _of_status(code: str) -> str:
    """What has the code of a success and failed was refused by an assertion, or by a part of it."""
    words = f"{code} {responses.get(int(code), '')}".rstrip()
    return f"{words}, but failed a check" if code.startswith("2") else words
