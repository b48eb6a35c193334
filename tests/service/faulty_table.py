"""DynamoDB as it is on a bad day: a server of its own that the service takes for it.

It passes calls on to the sandbox until it is told to answer otherwise, and counts them. One that
breaks off is none.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

THROTTLED = "ProvisionedThroughputExceededException"
CONFLICT = "ReplicatedWriteConflictException"
OUT = "out"
"""Connections that end without an answer."""
HANGS = "hangs"
"""They end so, but not before `goes_on`."""

_PASSED_ON = ("Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Target")
_LATE_SECONDS = 10


class FaultyTable(ThreadingHTTPServer):
    """Set `fault` to the name of an error, to OUT, to HANGS, or back to nothing."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.fault = ""
        self.calls = 0
        self.goes_on = Event()

    @property
    def endpoint(self) -> str:
        """What AWS_ENDPOINT_URL_DYNAMODB is to be."""
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def faulty_table(behind: str) -> Iterator[FaultyTable]:
    """One that is well at first; `behind` is the endpoint that it passes calls on to."""
    with FaultyTable(behind) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: FaultyTable
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
        else:
            self.server.calls += 1
            self._carry_out(body)

    def _carry_out(self, body: bytes) -> None:
        if self.server.fault == HANGS:
            self.server.goes_on.wait(_LATE_SECONDS)
            self.close_connection = True
        elif self.server.fault == OUT:
            self.close_connection = True
        elif self.server.fault:
            error = {"__type": f"com.amazonaws.dynamodb.v20120810#{self.server.fault}"}
            self._answer(400, json.dumps(error | {"message": "no"}).encode())
        else:
            self._answer(*self._pass_on(body))

    def _pass_on(self, body: bytes) -> tuple[int, bytes]:
        headers = {name: self.headers[name] for name in _PASSED_ON}
        request = urllib.request.Request(self.server.behind, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=_LATE_SECONDS) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
