"""An HTTP server on loopback that answers AWS calls: what tests put in a client's way."""

from __future__ import annotations

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.aws_wire import HOP_BY_HOP, Answer, Call, read_call


class Endpoint:
    """Serves for the length of a block; `url` is what a client's endpoint is to be."""

    def __init__(self) -> None:
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.over = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, call: Call) -> Answer | None:
        """What the client gets; None where its connection is cut."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is gone, or was sent away, is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # the body does not wait for the head to be acknowledged
    endpoint: Endpoint

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.endpoint.answer(
            read_call(self.command, self.path, dict(self.headers.items()), body)
        )
        if answer is None:
            self._cut()
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        # The answer to a HEAD has the length of what it leaves out.
        length = answer.headers.get("content-length", "0") if self.command == "HEAD" else ""
        self.send_header("Content-Length", length or str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _serve

    def _cut(self) -> None:
        """Reset the connection: with no time to linger, closing it sends RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: requests carry signatures."""
