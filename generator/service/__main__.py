"""Starts the service: `python -m service`. Exit code 2 where its environment is not complete."""

from __future__ import annotations

import os
import socket
import sys

from .logs import configure
from .settings import BadEnvironment, Settings, read_settings
from .workers import run_workers


def main() -> int:
    """Read the environment, bind the port, serve."""
    try:
        settings = read_settings(os.environ)
        listener = bind(settings)  # for several workers only to find out whether it can be
    except BadEnvironment as fault:
        print(f"the environment of the service:\n{fault}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"the service can't listen: {error}", file=sys.stderr)
        return 1
    configure()
    from .server import serve  # only now: with a faulty environment the answer comes at once

    if settings.workers > 1:
        listener.close()
        return run_workers(
            settings.workers, lambda: serve(settings, bind(settings, is_shared=True))
        )
    serve(settings, listener)
    return 0


def bind(settings: Settings, *, is_shared: bool = False) -> socket.socket:
    """The port, not listened at yet; a shared one with others of this user.

    Each worker has a listener of its own, and Linux spreads connections over them: of one that all
    inherit, the first to wake takes a whole burst, as asyncio accepts all that wait. A worker's
    listener goes with it, and the others get what comes then. macOS shares, but does not spread.
    https://man7.org/linux/man-pages/man7/socket.7.html (SO_REUSEPORT)

    asyncio turns Nagle's algorithm off for sockets that say they are TCP, and for no others:
    with it, the second part of an answer waits 40 ms for the first to be acknowledged.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if is_shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((settings.host, settings.port))
    return listener


if __name__ == "__main__":
    sys.exit(main())
