"""Connections that are kept between requests, in processes of more than a thousand users.

Before geventhttpclient sends on a connection again it asks select() whether the other end has
closed it. That can't be asked of a descriptor from FD_SETSIZE (1024) on, which the library takes
for a connection that is gone: each such user would connect anew for each request. poll() knows no
such limit: https://man7.org/linux/man-pages/man2/select.2.html
"""

from __future__ import annotations

import select
from typing import Any

import gevent
import gevent.socket
from gevent.monkey import get_original
from geventhttpclient.connectionpool import ConnectionPool

_poll: Any = get_original("select", "poll")
"""The system's own, which answers at once."""


def keep_connections() -> None:
    """Have all users of this process keep theirs, whatever the number of the descriptor."""
    ConnectionPool._is_socket_alive = _is_alive  # type: ignore[assignment, method-assign]


def _is_alive(pool: ConnectionPool, sock: gevent.socket.socket | None) -> bool:
    """Whether an idle connection has nothing to read: neither its end nor what nobody asked for.

    Others go first, as they do in gevent's select(): users that send together are woken together,
    and the loop, which costs as much as a request, runs once for all of them.
    """
    gevent.sleep(0)
    if sock is None or sock.fileno() < 0:
        return False
    asked = _poll()
    asked.register(sock.fileno(), select.POLLIN)
    return not asked.poll(0)
