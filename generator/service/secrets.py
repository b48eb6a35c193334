"""Secrets of the Region, by name: read when they are needed, never written down."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Aws
from .problems import Unavailable

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class Version(NamedTuple):
    """One version of a secret."""

    values: dict[str, str]
    age_seconds: float


class Secrets:
    """Secrets Manager."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._client = aws.client("secretsmanager")

    async def read(self, name: str, keys: Collection[str], stage: str = CURRENT) -> Version | None:
        """None where there is no such version: a secret that was never changed has no previous.

        Raises Unavailable, also where one of the keys is missing.
        """
        try:
            answer = await self._aws.call(
                self._client.get_secret_value, SecretId=name, VersionStage=stage
            )
        except self._client.exceptions.ResourceNotFoundException:
            return None
        except (ClientError, BotoCoreError) as error:
            raise Unavailable("a secret can't be read", type(error).__name__) from error
        age_seconds = time.time() - answer["CreatedDate"].timestamp()
        return Version(_values(answer.get("SecretString", ""), keys), age_seconds)


def _values(text: str, keys: Collection[str]) -> dict[str, str]:
    try:
        values = json.loads(text)
        return {key: str(values[key]) for key in keys}
    except (ValueError, KeyError, TypeError):
        wanted = ", ".join(keys)
        raise Unavailable("a secret is not as it should be", f"it lacks {wanted}") from None
