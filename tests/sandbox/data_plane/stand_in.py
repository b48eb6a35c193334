"""A service as small as can be, for what is tested of the data plane and not of the service.

GET HEALTH_PATH     200, or 503 after SIGUSR1
GET /slow           an answer after half a second
GET /status/NNN     that status
GET anything        JSON: its port, and the headers that it got
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMAND = (sys.executable, "-I", "-S", __file__)
HEALTH_PATH = os.environ.get("HEALTH_PATH", "/healthz")
ill = threading.Event()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(0.5)
        body = json.dumps({"port": os.environ["PORT"], "headers": dict(self.headers)}).encode()
        self.send_response(self.status())
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def status(self) -> int:
        if self.path.startswith("/status/"):
            return int(self.path.rpartition("/")[2])
        return 503 if self.path == HEALTH_PATH and ill.is_set() else 200

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """A health check closes its connection before it has read all."""


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, lambda *_: ill.set())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    Server((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
