"""A client of the server's own gets through to the application without a connection."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from generator.sandbox.inner_calls import Message, answering

CALLER = contextvars.ContextVar("CALLER", default="nobody")


class Application:
    """Remembers what came, and answers as it was told."""

    def __init__(self) -> None:
        self.scope: Message = {}
        self.body = b""
        self.caller = ""
        self.status, self.answer = 200, [b""]

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        self.scope, self.body = scope, (await receive())["body"]
        self.caller = CALLER.get()
        headers = [(b"content-type", b"text/xml"), (b"etag", b'"1"')]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in self.answer:
            await send({"type": "http.response.body", "body": part})

    def header(self, name: str) -> str:
        """A request's header."""
        found: bytes = dict(self.scope["headers"])[name.encode()]
        return found.decode()


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def client(application: Application) -> Iterator[Any]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made = boto3.client(
        "s3",
        "eu-west-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="111122223333",
        aws_secret_access_key="x",
    )
    made.meta.events.register("before-send", answering(application, loop))
    yield made
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_a_request_comes_whole(client: Any, application: Application) -> None:
    client.put_object(Bucket="bucket", Key="a b/ü", Body=b"\x00content", ContentType="text/plain")
    assert (application.scope["method"], application.scope["path"]) == ("PUT", "/bucket/a b/ü")
    assert application.scope["raw_path"] == b"/bucket/a%20b/%C3%BC"
    assert b"\x00content" in application.body
    assert application.header("host") == "127.0.0.1:9"
    assert application.header("content-type") == "text/plain"
    assert "Credential=111122223333/" in application.header("authorization")
    client.list_objects_v2(Bucket="bucket", Prefix="a b")
    assert b"prefix=a%20b" in application.scope["query_string"]


def test_an_answer_is_read_as_ever(client: Any, application: Application) -> None:
    application.answer = [b"in ", b"parts"]
    found = client.get_object(Bucket="bucket", Key="key")
    assert (found["Body"].read(), found["ETag"]) == (b"in parts", '"1"')


def test_an_error_is_the_services(client: Any, application: Application) -> None:
    application.status = 404
    application.answer = [b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"]
    with pytest.raises(ClientError, match=r"NoSuchKey.*none"):
        client.get_object(Bucket="bucket", Key="key")


def test_the_application_does_not_see_who_calls(client: Any, application: Application) -> None:
    """As from outside: the account is what the request is signed with."""
    CALLER.set("a worker thread")
    client.list_buckets()
    assert application.caller == "nobody"
