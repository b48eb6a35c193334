"""What lies in the artifact bucket survives a bad network: the journal, and the lease."""

from __future__ import annotations

import io
import time
from typing import Any

import pytest
from botocore.exceptions import ResponseStreamingError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from generator.deploy import waiting
from generator.deploy.executing.objects import read_object
from generator.deploy.records import journal as journals
from generator.deploy.records.journal import NOTHING_YET, Journal
from generator.deploy.records.lease import Lease
from tests.deploy.answered import NOW, REGION, refuse, stack_step, stubbed


class Broken(io.BytesIO):
    """The body of an answer whose connection breaks off in the middle."""

    def read(self, *_: object, **__: object) -> bytes:
        raise ResponseStreamingError(error="IncompleteRead(3 bytes read)")


def body(data: bytes) -> StreamingBody:
    """An answer's body, whole."""
    return StreamingBody(io.BytesIO(data), len(data))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Stubber]:
    monkeypatch.setattr(waiting, "FIRST", 0.0)
    monkeypatch.setattr(journals, "SECONDS_BETWEEN_WRITES", 0.0)
    context, stubber = stubbed("s3")
    return context.aws.client("s3", REGION), stubber


def test_an_object_is_read_again_when_its_body_breaks_off(s3: tuple[Any, Stubber]) -> None:
    client, stubber = s3
    stubber.add_response("get_object", {"Body": Broken()})
    stubber.add_response("get_object", {"Body": body(b"whole")})
    found = read_object(client, "bucket", "key")
    assert found
    assert found.text == "whole"


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_what_is_not_there_is_none(s3: tuple[Any, Stubber], code: str) -> None:
    client, stubber = s3
    refuse(stubber, "get_object", code)
    assert read_object(client, "bucket", "key") is None


def test_the_journal_goes_on_after_a_write_that_failed(s3: tuple[Any, Stubber]) -> None:
    client, stubber = s3
    journal = Journal("plan", "caller", NOTHING_YET, (REGION,))
    refuse(stubber, "put_object", "SlowDown", "Please reduce your request rate", tries=8)
    stubber.add_response("put_object", {"ETag": "1"})
    journal.keep_in(client, "bucket", "gtm-test/")
    deadline = time.monotonic() + 10
    while not journal.trouble and time.monotonic() < deadline:
        time.sleep(0.01)
    assert journal.trouble.startswith("AWS throttles")
    journal.started(stack_step())
    journal.close()
    stubber.assert_no_pending_responses()
    assert not journal.trouble


def test_a_journal_that_could_not_be_written_says_why(s3: tuple[Any, Stubber]) -> None:
    client, stubber = s3
    journal = Journal("plan", "caller", NOTHING_YET, (REGION,))
    for _ in range(3):
        refuse(stubber, "put_object", "AccessDenied", "Access Denied")
    journal.keep_in(client, "bucket", "gtm-test/")
    journal.close()
    assert journal.trouble.startswith("AWS denies PutObject")


def test_a_lease_that_was_written_though_the_answer_was_lost_is_ours(
    s3: tuple[Any, Stubber],
) -> None:
    client, stubber = s3
    lease = Lease(client, "bucket", "gtm-test/", "arn:aws:iam::1:role/x", lambda: None)
    content = lease._content()
    refuse(stubber, "get_object", "NoSuchKey")
    refuse(stubber, "put_object", "PreconditionFailed", tries=2)
    mine = {"Body": body(content.encode()), "ETag": '"7"', "LastModified": NOW}
    stubber.add_response("get_object", mine)
    refuse(stubber, "put_object", "InternalError", tries=8)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lease, "_content", lambda: content)
        with lease.held():
            """Freeing it fails, which is no failure of the rollout: it expires."""
    stubber.assert_no_pending_responses()
