"""The numbers of the service: on one CPU, against what its own server does with nothing to do.

    service  requests/s of the bare server : of the service. Bare is uvicorn, configured alike, with
             a handler that says hello; the service reads cached sessions from a real Valkey, with
             all that a request meets there: origin secret, limits, figures, logs
    tail     99th percentile : median of the service's latencies in those runs

Server on one CPU; client and Valkey share the others. `at least 60 %` is said as a ratio that may
not be exceeded, 1 / 0.6, as the other promises are.
"""

from __future__ import annotations

import http.client
import json
import os
import selectors
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from generator.sandbox.data_plane.service import Instance
from generator.sandbox.data_plane.valkey import Valkey
from generator.sandbox.process import running
from tests.local_aws import Account
from tests.sandbox.data_plane.standing import HOME, ORIGIN_SECRET, make_stores
from tests.service.local import CACHE_USER, Place

Row = tuple[str, float, float, str]

PAIRS, SECONDS = 7, 2.0
CONNECTIONS, SESSIONS = 64, 200
AT_LEAST, TAIL = 0.6, 10.0

BARE = """
import os, uvicorn

async def hello(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            event = (await receive())["type"]
            await send({"type": f"{event}.complete"})
            if event == "lifespan.shutdown":
                return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, world!"})

uvicorn.run(
    hello, host=os.environ["HOST"], port=int(os.environ["PORT"]), loop="asyncio", http="h11",
    ws="none", log_config=None, access_log=False, proxy_headers=False, server_header=False,
)
"""


class Sample(NamedTuple):
    """One run against one server."""

    rate: float
    """Requests a second."""
    latencies: Sequence[float]


def rows() -> Iterator[Row]:
    """Both promises, from the same runs."""
    with ExitStack() as stack:
        bare, service, requests = _servers(stack)
        hello = [_request("/", {})]
        pairs = [(load(bare.port, hello), load(service.port, requests)) for _ in range(PAIRS + 1)]
    pairs = pairs[1:]
    theirs, ours = (median(sample.rate for sample in side) for side in zip(*pairs, strict=True))
    detail = f"{theirs:.0f} : {ours:.0f} requests/s, {PAIRS} pairs"
    yield "service", median(a.rate / b.rate for a, b in pairs), 1 / AT_LEAST, detail
    shares = [quantiles(sample.latencies, n=100)[98] for _, sample in pairs]
    middles = [median(sample.latencies) for _, sample in pairs]
    tail = median(a / b for a, b in zip(shares, middles, strict=True))
    detail = f"p99 {median(shares) * 1000:.1f} ms, p50 {median(middles) * 1000:.1f} ms"
    yield "tail", tail, TAIL, f"{detail}, {CONNECTIONS} connections"


def _servers(stack: ExitStack) -> tuple[Instance, Instance, list[bytes]]:
    """Both servers on a CPU of their own, and requests for sessions that are cached."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    place = Place(Account(stack.enter_context(running()), "600000000001"))
    make_stores(place.account)
    valkey = Valkey(folder, CACHE_USER)
    stack.callback(valkey.close)
    command = [sys.executable, "-P", "-c", BARE]
    environment = place.environment(HOME, valkey.port)
    servers = Instance("bare", folder, environment, command), Instance("ours", folder, environment)
    ours = os.sched_getaffinity(0)
    stack.callback(os.sched_setaffinity, 0, ours)
    first, *others = sorted(ours)
    for server in servers:
        stack.callback(server.close)
    for server in servers:
        server.wait_until_healthy()
        os.sched_setaffinity(server.pid, {first})
    for pid in (valkey.pid, 0):
        os.sched_setaffinity(pid, set(others) or {first})
    return *servers, [_new_session(servers[1].port) for _ in range(SESSIONS)]


def _new_session(port: int) -> bytes:
    """The request that reads it."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    secret = {"X-Origin-Secret": ORIGIN_SECRET}
    body = json.dumps({"player": "kim", "data": {"level": 7}})
    connection.request("POST", "/api/sessions", body, secret)
    session = json.load(connection.getresponse())
    connection.close()
    return _request(f"/api/sessions/{session['id']}", secret)


def _request(path: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def load(port: int, requests: Sequence[bytes]) -> Sample:
    """Send requests on all connections, each the next as soon as the last is answered.

    A client of its own, so that it costs a fraction of what the servers do.
    """
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        for number in range(CONNECTIONS):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(requests[number % len(requests)])
            selector.register(connection, selectors.EVENT_READ, [time.perf_counter(), b""])
        began = time.perf_counter()
        while (now := time.perf_counter()) < began + SECONDS:
            for key, _ in selector.select(0.1):
                _answer(key, latencies, requests)
    return Sample(len(latencies) / (now - began), latencies)


def _answer(key: selectors.SelectorKey, latencies: list[float], requests: Sequence[bytes]) -> None:
    """Take what has come; after a whole answer send the next request."""
    connection, state = key.fileobj, key.data
    assert isinstance(connection, socket.socket)
    state[1] += connection.recv(65536)
    head, found, body = state[1].partition(b"\r\n\r\n")
    if not found or len(body) < int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]):
        return
    assert head.startswith(b"HTTP/1.1 200 "), head
    now = time.perf_counter()
    latencies.append(now - state[0])
    connection.sendall(requests[len(latencies) % len(requests)])
    key.data[:] = [now, b""]
