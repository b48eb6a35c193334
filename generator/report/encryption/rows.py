"""What the map is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from generator.report.encryption.estate import Estate
    from generator.report.encryption.resource import Resource

STORE, LOG, QUEUE, LINK, KEY = "store", "log", "queue", "link", "key"
"""Kinds of rows."""

AT_REST = "AtRest"
"""In a resource's Metadata: why it is under no key of the platform's, or under a fixed one."""
IN_TRANSIT = "InTransit"
"""In a resource's Metadata: why what it sends or takes may go without TLS."""


NOT_DEMANDED = "TLS is not demanded"
IN_THE_CLEAR = "not encrypted"


class Protection(NamedTuple):
    """What something is encrypted with: the key, how it changes, and who may decrypt.

    `reason` says why it is no key of the platform's; empty where it is one, or none is needed.
    """

    key: str
    rotation: str
    readers: str
    reason: str = ""


class Row(NamedTuple):
    """One thing that holds or carries data. `place` is `layer/LogicalId`.

    `reason` says why it may come or go without TLS; empty where it may not.
    """

    kind: str
    place: str
    what: str
    protection: Protection
    transport: str
    reason: str = ""


class Unreadable(Exception):
    """What the map cannot show of a resource, and what to do about it."""


Reader = Callable[["Estate", "Resource"], Iterator[Row]]
"""Rows of one resource. Raises Unreadable where the template does not say enough."""
