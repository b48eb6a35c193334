"""One deployer at a time: a lease in the home Region's artifact bucket.

S3 writes it only if nobody did since it was read (conditional writes), so two can't both have it.
It is renewed while the rollout runs and expires when that stops, by the bucket's clock, not ours.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from __future__ import annotations

import getpass
import json
import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from generator.deploy.executing.objects import read_object
from generator.deploy.failures import FAULTS
from generator.errors import Refused

SECONDS = 90.0
"""How long a lease holds after its last renewal."""

NAME = "rollout/lease.json"
CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict")
FREE = ""


class Holder(NamedTuple):
    """Who has it: a caller's ARN, a process on a machine, and since when (ISO 8601)."""

    caller: str
    user: str
    host: str
    process: int
    since: str

    def __str__(self) -> str:
        who = f"{self.user} on {self.host} (process {self.process}, {self.caller})"
        return f"{who}, since {self.since}"

    @property
    def is_dead(self) -> bool:
        """Whether it ran on this machine and does no more."""
        if self.host != socket.gethostname():
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False


class Seen(NamedTuple):
    """A lease as it was read."""

    holder: Holder | None
    version: str
    age: float
    """Seconds since it was written, by S3's own clock."""


class Lease:
    """The lease of one environment."""

    def __init__(
        self, client: Any, bucket: str, key_prefix: str, caller: str, lost: Callable[[], None]
    ) -> None:
        self._client, self._bucket, self._key = client, bucket, key_prefix + NAME
        self._caller = caller
        self._version = ""
        self._lost = lost
        """Called when it is somebody else's, or may be: it could not be renewed in time."""

    @contextmanager
    def held(self) -> Iterator[Lease]:
        """Take it, renew it in the background, and free it at the end.

        Raises Refused, with its holder, where somebody has it.
        """
        self._take()
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(over,), daemon=True)
        renewing.start()
        try:
            yield self
        finally:
            over.set()
            renewing.join()
            self._free()

    def _take(self) -> None:
        seen = read_lease(self._client, self._bucket, self._key)
        refuse_if_held(seen)
        if not self._write(self._content(), seen.version if seen else None):
            raise Refused(
                "another deploy took the lease this moment\n    wait for it, and look again"
            )

    def _renew(self, over: threading.Event) -> None:
        """Every third of its time; gone when somebody has it, or when it was not heard of for so
        long that somebody may have it before the next try.
        """
        content, good = self._content(), time.monotonic()
        while not over.wait(SECONDS / 3):
            began = time.monotonic()
            try:
                held = self._write(content, self._version)
                good = began if held else -math.inf
            except FAULTS:
                held = False
            if not held and time.monotonic() - good > SECONDS * 2 / 3:
                self._version = ""
                self._lost()
                return

    def _free(self) -> None:
        """Give it back; where that fails it expires."""
        if self._version:
            with suppress(*FAULTS):
                self._write(FREE, self._version)

    def _content(self) -> str:
        holder = Holder(
            self._caller,
            getpass.getuser(),
            socket.gethostname(),
            os.getpid(),
            datetime.now().astimezone().isoformat(timespec="seconds"),
        )
        return json.dumps(holder._asdict())

    def _write(self, content: str, version: str | None) -> bool:
        """Write it unless somebody did since; whether it was written."""
        condition = {"IfMatch": version} if version else {"IfNoneMatch": "*"}
        try:
            written = self._client.put_object(
                Bucket=self._bucket, Key=self._key, Body=content.encode(), **condition
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in CONFLICTS:
                return self._is_mine(content)
            raise
        self._version = written["ETag"]
        return True

    def _is_mine(self, content: str) -> bool:
        """Whether the write was done after all, and only its answer got lost."""
        found = read_object(self._client, self._bucket, self._key)
        if content == FREE or found is None or found.text != content:
            return False
        self._version = found.answer["ETag"]
        return True


def read_lease(client: Any, bucket: str, key: str) -> Seen | None:
    """The lease as it is; None where there never was one."""
    found = read_object(client, bucket, key)
    if found is None:
        return None
    answer = found.answer
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    age = (now - answer["LastModified"]).total_seconds()
    holder = Holder(**json.loads(found.text)) if found.text else None
    return Seen(holder, answer["ETag"], age)


def refuse_if_held(seen: Seen | None) -> None:
    """Raise Refused where somebody has it who may still be at work."""
    if seen and seen.holder and seen.age < SECONDS and not seen.holder.is_dead:
        raise Refused(
            f"another deploy has the lease: {seen.holder}\n"
            f"    wait for it; if it is gone, the lease expires in {SECONDS - seen.age:.0f} s"
        )
