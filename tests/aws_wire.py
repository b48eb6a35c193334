"""Calls of AWS's APIs as they go over the wire: who asks for what, and refusals in each protocol.

https://smithy.io/2.0/aws/protocols/ (query, REST XML, JSON: those that botocore speaks here)
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

_SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
_ATTEMPT = re.compile(r"attempt=(\d+)")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
"""Headers of one connection, which are not passed on."""
REQUEST_ID = "5a1b2c3d-0000-4000-8000-000000000000"


class Call(NamedTuple):
    """One request. Names of headers are in lower case; `parameters` are the query protocol's."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    account: str
    region: str
    service: str
    operation: str
    attempt: int
    parameters: Mapping[str, str]


class Answer(NamedTuple):
    """One response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def read_call(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Call:
    """A request, taken apart; an operation of a REST protocol is its method and its depth."""
    headers = {name.lower(): value for name, value in headers.items()}
    scope = _SCOPE.search(headers.get("authorization", ""))
    account, region, service = scope.group("key", "region", "service") if scope else ("", "", "")
    attempt = _ATTEMPT.search(headers.get("amz-sdk-request", ""))
    form = "x-www-form-urlencoded" in headers.get("content-type", "")
    parameters = dict(parse_qsl(body.decode())) if form else {}
    return Call(
        *(method, path, headers, body, account, region, service),
        operation=_operation(method, path, headers, parameters),
        attempt=int(attempt[1]) if attempt else 1,
        parameters=parameters,
    )


def _operation(
    method: str, path: str, headers: Mapping[str, str], parameters: Mapping[str, str]
) -> str:
    if "Action" in parameters:
        return parameters["Action"]
    if "x-amz-target" in headers:
        return headers["x-amz-target"].rpartition(".")[2]
    depth = len([part for part in urlsplit(path).path.split("/") if part])
    return f"{method} {'/x' * min(depth, 2) or '/'}"


def refusal(call: Call, code: str, message: str, status: int) -> Answer:
    """An error in the protocol of the call's service."""
    headers = {"x-amzn-RequestId": REQUEST_ID, "Content-Type": "text/xml"}
    if "x-amz-target" in call.headers:
        kind = {"Content-Type": "application/x-amz-json-1.0"}
        return Answer(
            status, {**headers, **kind}, json.dumps({"__type": code, "message": message}).encode()
        )
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if call.service == "s3":
        own = {"Throttling": ("SlowDown", 503), "InternalFailure": ("InternalError", 500)}
        code, status = own.get(code, (code, status))
        error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return Answer(status, headers, b"" if call.method == "HEAD" else error.encode())
    error = f"<Error><Type>Sender</Type>{error}</Error><RequestId>{REQUEST_ID}</RequestId>"
    return Answer(status, headers, f"<ErrorResponse>{error}</ErrorResponse>".encode())
