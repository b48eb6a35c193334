"""Throttling and what passes by itself is tried again; what AWS means for good is asked once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import boto3
import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from generator.deploy.aws import ATTEMPTS, CONFIG, Aws
from tests.aws_wire import Answer, Call, refusal
from tests.endpoint import Endpoint

REGION = "eu-west-1"
READ_TIMEOUT = 0.2
Fault = Callable[[Endpoint, Call], Answer | None]


class Request(NamedTuple):
    """A call of a service, and an answer that is one."""

    service: str
    make: Callable[[Any], object]
    answer: Answer


def xml(body: str) -> Answer:
    """A good answer of a service that speaks XML."""
    return Answer(200, {"Content-Type": "text/xml"}, body.encode())


IDENTITY = "<Account>111122223333</Account><Arn>arn:aws:iam::1:user/j</Arn><UserId>U</UserId>"
REQUESTS = {
    "CreateStack": Request(
        "cloudformation",
        lambda c: c.create_stack(StackName="s", TemplateBody="{}"),
        xml("<R><CreateStackResult><StackId>arn:s</StackId></CreateStackResult></R>"),
    ),
    "DescribeStacks": Request(
        "cloudformation",
        lambda c: c.describe_stacks(),
        xml("<R><DescribeStacksResult><Stacks/></DescribeStacksResult></R>"),
    ),
    "PutObject": Request(
        "s3",
        lambda c: c.put_object(Bucket="bucket", Key="k", Body=b"x"),
        Answer(200, {"ETag": '"1"'}, b""),
    ),
    "ListObjectsV2": Request(
        "s3",
        lambda c: c.list_objects_v2(Bucket="bucket"),
        xml("<ListBucketResult></ListBucketResult>"),
    ),
    "GetCallerIdentity": Request(
        "sts",
        lambda c: c.get_caller_identity(),
        xml(f"<R><GetCallerIdentityResult>{IDENTITY}</GetCallerIdentityResult></R>"),
    ),
    "DescribeAlarms": Request(
        "cloudwatch",
        lambda c: c.describe_alarms(),
        Answer(200, {"Content-Type": "application/x-amz-json-1.0"}, b"{}"),
    ),
    "GetHealthCheckStatus": Request(
        "route53",
        lambda c: c.get_health_check_status(HealthCheckId="h"),
        xml("<R><HealthCheckObservations/></R>"),
    ),
}


class Scripted(Endpoint):
    """Answers the first calls with faults and the rest well; counts them all."""

    def __init__(self, good: Answer, *faults: Fault) -> None:
        super().__init__()
        self._good, self._faults = good, list(faults)
        self.calls: list[Call] = []

    def answer(self, call: Call) -> Answer | None:
        """The next fault, or the good answer."""
        self.calls.append(call)
        return self._faults.pop(0)(self, call) if self._faults else self._good


def says(code: str, status: int = 400, message: str = "") -> Fault:
    """AWS refuses with this code, in the service's own protocol."""
    return lambda endpoint, call: refusal(call, code, message or code, status)


def reset(endpoint: Endpoint, call: Call) -> None:
    """The connection is reset: the call was never heard of, or its answer is lost."""


def late(endpoint: Endpoint, call: Call) -> Answer:
    """No answer while the client waits."""
    endpoint.over.wait(READ_TIMEOUT * 3)
    return refusal(call, "InternalFailure", "too late", 500)


def html(endpoint: Endpoint, call: Call) -> Answer:
    """What a load balancer before AWS says."""
    return Answer(502, {"Content-Type": "text/html"}, b"<html><b>Bad Gateway</b></html>")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that botocore would make between its tries; none is waited for."""
    made: list[float] = []
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=made.append))
    return made


@cache
def session() -> boto3.Session:
    """One for all: it keeps the service models, which are slow to read."""
    return boto3.Session(aws_access_key_id="111122223333", aws_secret_access_key="test")


def aws(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """The door under test, with our configuration but for shorter timeouts."""
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint.url)
    quick = Config(connect_timeout=1, read_timeout=READ_TIMEOUT)
    return Aws(session(), CONFIG.merge(quick))


THROTTLES = (
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
)
PASSING = {
    **{code: says(code) for code in THROTTLES},
    "SlowDown": says("SlowDown", 503),
    "PriorRequestNotComplete": says("PriorRequestNotComplete"),
    "RequestTimeout": says("RequestTimeout"),
    "InternalFailure": says("InternalFailure", 500),
    "ServiceUnavailable": says("ServiceUnavailable", 503),
    "502 in HTML": html,
    "connection reset": reset,
    "read timeout": late,
}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("name", REQUESTS)
def test_what_passes_is_tried_again_and_succeeds(
    name: str, fault: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = REQUESTS[name]
    with Scripted(request.answer, PASSING[fault], PASSING[fault]) as endpoint:
        door = aws(endpoint, monkeypatch)
        request.make(door.client(request.service, REGION))
    assert [call.attempt for call in endpoint.calls] == [1, 2, 3]
    assert door.calls == {f"{_id(request.service)}:{name}": 3}
    assert len(pauses) == 2


LASTING = {
    "AccessDenied": says("AccessDenied", 403),
    "ExpiredToken": says("ExpiredToken", 403),
    "ValidationError": says("ValidationError", 400, "Template format error"),
    "AlreadyExistsException": says("AlreadyExistsException"),
    "InvalidChangeSetStatus": says("InvalidChangeSetStatus"),
    "OperationInProgressException": says("OperationInProgressException", 409),
    "PreconditionFailed": says("PreconditionFailed", 412),
    "404": says("NoSuchThing", 404),
}


@pytest.mark.parametrize("fault", LASTING)
@pytest.mark.parametrize("name", REQUESTS)
def test_what_lasts_is_asked_once(
    name: str, fault: str, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = REQUESTS[name]
    with Scripted(request.answer, LASTING[fault]) as endpoint:
        client = aws(endpoint, monkeypatch).client(request.service, REGION)
        with pytest.raises(ClientError):
            request.make(client)
    assert len(endpoint.calls) == 1
    assert not pauses


def test_a_used_up_quota_of_cloudformation_is_not_throttling(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore's standard mode takes LimitExceededException for throttling, in every service."""
    request = REQUESTS["CreateStack"]
    with Scripted(request.answer, says("LimitExceededException")) as endpoint:
        client = aws(endpoint, monkeypatch).client("cloudformation", REGION)
        with pytest.raises(client.exceptions.LimitExceededException):
            request.make(client)
    assert len(endpoint.calls) == 1
    assert not pauses


def test_a_certificate_that_is_not_trusted_is_not_an_outage(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = REQUESTS["DescribeStacks"]
    with Scripted(request.answer) as endpoint:
        client = aws(endpoint, monkeypatch).client("cloudformation", REGION)
        error = botocore.exceptions.SSLError(
            endpoint_url="https://x", error="CERTIFICATE_VERIFY_FAILED"
        )

        def refuse(**_: object) -> None:
            raise error

        client.meta.events.register("before-send.cloudformation", refuse)
        with pytest.raises(BotoCoreError, match="CERTIFICATE_VERIFY_FAILED"):
            request.make(client)
    assert not pauses


def test_it_gives_up_after_so_many_tries_each_after_a_longer_pause_by_chance(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = REQUESTS["DescribeStacks"]
    with Scripted(request.answer, *[says("Throttling")] * 100) as endpoint:
        client = aws(endpoint, monkeypatch).client("cloudformation", REGION)
        with pytest.raises(ClientError) as told:
            request.make(client)
    assert len(endpoint.calls) == ATTEMPTS
    assert told.value.response["ResponseMetadata"]["RetryAttempts"] == ATTEMPTS - 1
    assert all(0 <= pause <= min(2**n, 20) for n, pause in enumerate(pauses))
    assert len(set(pauses)) == len(pauses), (
        "without jitter, all who were throttled come back at once"
    )


def test_a_repeated_call_is_the_same_call(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its token with it: AWS sees that it is one request, not two."""
    request = REQUESTS["CreateStack"]
    with Scripted(request.answer, reset) as endpoint:
        client = aws(endpoint, monkeypatch).client("cloudformation", REGION)
        client.create_stack(StackName="s", TemplateBody="{}", ClientRequestToken="gtm-1")
    first, second = endpoint.calls
    assert first.parameters == second.parameters
    assert first.parameters["ClientRequestToken"] == "gtm-1"


def _id(service: str) -> str:
    return {"route53": "route-53"}.get(service, service)
