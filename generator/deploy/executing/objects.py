"""Objects of the artifact bucket, read whole.

botocore tries a request again, not the reading of an answer's body: a connection that breaks off
in the middle of one is ours to open again.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

from generator.deploy.waiting import until


class Object(NamedTuple):
    """An object as it was read."""

    content: bytes
    answer: Mapping[str, Any]
    """GetObject's answer: ETag, LastModified, ResponseMetadata."""

    @property
    def text(self) -> str:
        """The content as UTF-8."""
        return self.content.decode()


def read_object(client: Any, bucket: str, key: str) -> Object | None:
    """The object; None where there is none, or no bucket."""

    def look() -> Object:
        answer = client.get_object(Bucket=bucket, Key=key)
        return Object(answer["Body"].read(), answer)

    try:
        return until(look, threading.Event())
    except (client.exceptions.NoSuchKey, client.exceptions.NoSuchBucket):
        return None
