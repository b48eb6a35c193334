"""The sandbox's own process: `python -m generator.sandbox.server PORT [STATE]`.

PORT 0 is a free one. It says its port in one line on standard output as soon as it listens, and
serves on 127.0.0.1 until SIGTERM, SIGINT or the end of its standard input: the parent holds the
other end of that pipe, so the server goes when the parent does, however that ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TextIO

from generator.errors import GtmError, SandboxError

LOOPBACK = "127.0.0.1"
_PATIENCE = 20.0
"""Seconds that a stopping server may take before it ends itself."""
_MOST_OPEN_FILES = 65536


def main() -> None:
    """Serve until told to stop. Exit code 1 with the reason on standard error when that fails."""
    port, state = int(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    try:
        lock = _claim(state) if state else None
        listener = _listen(port)
        _settle(listener.getsockname()[1], state)
        _serve(listener)
    except GtmError as error:
        sys.exit(str(error))
    if lock is not None:
        lock.close()


def _claim(state: Path) -> TextIO:
    state.mkdir(parents=True, exist_ok=True)
    lock = (state / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SandboxError(
            f"another sandbox keeps its state in {state}\n"
            "    stop it first, or name another folder: --keep-in DIR"
        ) from error
    return lock


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        raise SandboxError(
            f"port {port} of {LOOPBACK} can't be used: {error.strerror}\n"
            "    name another with --port, or none for a free one"
        ) from error
    listener.listen(1024)
    return listener


def _settle(port: int, state: Path | None) -> None:
    """ministack reads its settings from the environment when it is imported: loopback, no Docker.

    Where the docker package happens to be installed, it is not to be found.
    """
    sys.modules["docker"] = None  # type: ignore[assignment]
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": LOOPBACK,
            "MINISTACK_HOST": LOOPBACK,
            "DOCKER_HOST": "unix:///nonexistent",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
        }
    )
    if state is not None:
        objects = str(state / "objects")
        kept = {"PERSIST_STATE": "1", "STATE_DIR": str(state)}
        os.environ.update({**kept, "S3_PERSIST": "1", "S3_DATA_DIR": objects})


def _serve(listener: socket.socket) -> None:
    from generator.sandbox.extension import install

    install()
    _raise_open_files()
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    from generator.sandbox import seams

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    print(os.environ["GATEWAY_PORT"], flush=True)

    async def run() -> None:
        seams.answer_clients(app, asyncio.get_running_loop())
        await serve(app, config, shutdown_trigger=_told_to_stop)
        # The state is written. What still runs, a resource that waits for a signal, is left behind.
        os._exit(0)

    asyncio.run(run())


def _raise_open_files() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN_FILES)
    if soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def _told_to_stop() -> None:
    """Wait for a signal, or for the parent's end of the pipe to close."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    loop.add_reader(sys.stdin.fileno(), _read_standard_input, told)
    await told.wait()
    loop.remove_reader(sys.stdin.fileno())
    end = threading.Timer(_PATIENCE, os._exit, args=(1,))
    end.daemon = True
    end.start()


def _read_standard_input(told: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        told.set()


if __name__ == "__main__":
    main()
