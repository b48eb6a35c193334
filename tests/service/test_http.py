"""What HTTP asks of the service: caching, methods, sizes, and errors that say what is wrong."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from generator import names
from generator.service import bodies, origin_secret, work
from generator.service.exchange import Request
from generator.service.problems import TooLarge, TooSlow
from tests.sandbox.data_plane.standing import HOME
from tests.service.local import Service

FILE = "/static/index.html"


def test_files_may_be_kept_and_are_asked_for_again_cheaply(service: Service) -> None:
    answer = service.ask("GET", FILE)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"].startswith("public, max-age=3600")
    tag = answer.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = service.ask("GET", FILE, headers={"If-None-Match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert "max-age" in again.headers["cache-control"]
    changed = service.ask("GET", FILE, headers={"If-None-Match": '"other"'})
    assert (changed.status, changed.body) == (200, answer.body)


@pytest.mark.parametrize(
    ("name", "type_"), [("style.css", "text/css; charset=utf-8"), ("globe.svg", "image/svg+xml")]
)
def test_files_have_their_type(service: Service, name: str, type_: str) -> None:
    answer = service.ask("GET", f"/static/{name}")
    assert (answer.status, answer.headers["content-type"]) == (200, type_)


@pytest.mark.parametrize("path", [FILE, "/api/time", "/readyz"])
def test_head_is_get_without_a_body(service: Service, path: str) -> None:
    head, get = service.ask("HEAD", path), service.ask("GET", path)
    assert (head.status, head.body) == (get.status, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


def test_what_is_dynamic_may_not_be_kept(service: Service) -> None:
    session = f"/api/sessions/{service.new_session()['id']}"
    paths = [session, "/api/boards/b", "/api/time", "/api/work?cost=1", "/readyz", "/healthz"]
    for path in [*paths, "/", "/api/sessions/none"]:
        assert service.ask("GET", path).headers["cache-control"] == "no-store", path
    assert service.ask("DELETE", session).headers["cache-control"] == "no-store"


def test_the_time_is_told_with_its_region(service: Service) -> None:
    assert service.get("/api/time")["region"] == HOME


def test_the_root_leads_to_the_page(service: Service) -> None:
    answer = service.ask("GET", "/")
    assert (answer.status, answer.headers["location"]) == (307, FILE)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api", "/api/sessions/", "/static/", "/static/none", "/static/..%2fapp.py"],
)
def test_unknown_paths_are_not_found(service: Service, path: str) -> None:
    answer = service.ask("GET", path)
    assert (answer.status, list(answer.json)) == (404, ["error"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/sessions/x", {"GET", "HEAD", "PUT", "DELETE"}),
        ("GET", "/api/sessions", {"POST"}),
        ("PATCH", FILE, {"GET", "HEAD"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    service: Service, method: str, path: str, allowed: set[str]
) -> None:
    answer = service.ask(method, path)
    assert answer.status == 405
    assert set(answer.headers["allow"].split(", ")) == allowed


SESSIONS, SCORES = "/api/sessions", "/api/boards/b/scores"


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        (SESSIONS, b"{", "the body is not JSON: Expecting property name"),
        (SESSIONS, b"\xff", "the body is not JSON"),
        (SESSIONS, b"", "the body is not JSON"),
        (SESSIONS, b"[" * 60_000, "the body is not JSON"),
        (SESSIONS, b'{"player": "kim", "data": {"x": NaN}}', "the body is not JSON: NaN"),
        (
            SESSIONS,
            b'{"player": "kim", "data": {"x": -1e999}}',
            "the body has a number that is too",
        ),
        (SESSIONS, [], "the body has to be a JSON object"),
        (SESSIONS, {"data": {}}, "the body lacks 'player'"),
        (SESSIONS, {"player": "kim"}, "the body lacks 'data'"),
        (SESSIONS, {"player": "", "data": {}}, "'player' has to be 1 to 64 characters"),
        (SESSIONS, {"player": "a b", "data": {}}, "'player' has to be"),
        (SESSIONS, {"player": "x" * 65, "data": {}}, "'player' has to be"),
        (SESSIONS, {"player": "kim", "data": []}, "'data' has to be a JSON object"),
        (SCORES, {"player": "kim", "score": 1.5}, "'score' has to be a whole number"),
        (SCORES, {"player": "kim", "score": True}, "'score' has to be a whole number"),
        (SCORES, {"player": "kim", "score": 2**53}, "'score' has to be a whole number"),
        (SCORES, {"player": 7, "score": 1}, "'player' has to be"),
        ("/api/boards/b%20b/scores", {"player": "kim", "score": 1}, "'board' has to be"),
    ],
)
def test_a_bad_body_is_told_what_is_bad(
    service: Service, path: str, body: object, problem: str
) -> None:
    answer = service.ask("POST", path, body)
    assert (answer.status, answer.json["error"][: len(problem)]) == (400, problem)


@pytest.mark.parametrize("query", ["top=0", "top=101", "top=x", "top=", "top=²", "top=1e1"])
def test_a_number_in_the_query_is_bounded(service: Service, query: str) -> None:
    answer = service.ask("GET", f"/api/boards/b?{query.replace('²', '%C2%B2')}")
    assert (answer.status, answer.json["error"]) == (
        400,
        "'top' has to be a whole number from 1 to 100",
    )


def test_a_large_body_is_refused_and_the_largest_is_not(service: Service) -> None:
    def body(size: int) -> bytes:
        head, tail = b'{"player": "kim", "data": {"text": "', b'"}}'
        return head + b"x" * (size - len(head) - len(tail)) + tail

    assert service.ask("POST", SESSIONS, body(bodies.MOST_BYTES)).status == 201
    assert service.ask("POST", SESSIONS, body(bodies.MOST_BYTES + 1)).status == 413
    chunked = iter([body(bodies.MOST_BYTES), b"and more"])
    connection = http.client.HTTPConnection("127.0.0.1", service.instance.port, timeout=10)
    secret = {"X-Origin-Secret": "of the origin"}
    connection.request("POST", SESSIONS, chunked, secret, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.01)
    never: Callable[[], Awaitable[Any]] = lambda: asyncio.sleep(60)  # noqa: E731
    scope = {"method": "POST", "path": SESSIONS, "query_string": b"", "headers": []}
    with pytest.raises(TooSlow):
        asyncio.run(bodies.read_json(Request(scope, never), ()))


def test_a_body_without_end_is_not_read_to_its_end() -> None:
    parts = iter([{"type": "http.request", "body": b"x" * 1000, "more_body": True}] * 1000)

    async def read() -> None:
        scope = {"method": "POST", "path": SESSIONS, "query_string": b"", "headers": []}

        async def receive() -> Any:
            return next(parts)

        with pytest.raises(TooLarge):
            await bodies.read_json(Request(scope, receive), ())

    asyncio.run(read())
    assert len(list(parts)) > 900


def test_headers_without_end_are_refused(service: Service) -> None:
    with socket.create_connection(("127.0.0.1", service.instance.port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 40_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_work_costs_what_is_asked_for_and_no_more_than_is_allowed(service: Service) -> None:
    few, many = (
        min(service.get(f"/api/work?cost={cost}")["milliseconds"] for _ in range(tries))
        for cost, tries in ((5, 3), (100, 1))
    )
    assert many > 4 * few
    assert service.ask("GET", f"/api/work?cost={work.MOST + 1}").status == 400


def test_too_much_work_is_refused_at_once(service: Service) -> None:
    """Each of those that wait would only make the others wait longer."""
    path = "/api/work?cost=100"
    with ThreadPoolExecutor(work.QUEUE + 8) as threads:
        answers = list(threads.map(lambda _: service.ask("GET", path), range(work.QUEUE + 8)))
    refused = [answer for answer in answers if answer.status != 200]
    assert 0 < len(refused) <= 8
    assert {(each.status, each.headers["retry-after"]) for each in refused} == {(503, "1")}


def test_only_what_comes_through_the_edge_is_answered(service: Service) -> None:
    assert origin_secret.HEADER.decode() == names.SECRET_HEADER.lower()
    for path in ("/api/time", "/readyz", FILE, "/nothing"):
        for wrong in ("", "of the Origin", "of the originx"):
            answer = service.ask("GET", path, secret=wrong)
            assert (answer.status, list(answer.json)) == (403, ["error"])
    assert service.ask("GET", "/healthz", secret="").status == 200


def test_ready_is_told_part_by_part(service: Service) -> None:
    answer = service.ask("GET", "/readyz")
    assert (answer.status, answer.json) == (200, {"region": HOME, "cache": "ok", "table": "ok"})
