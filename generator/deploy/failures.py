"""botocore's errors in words: what AWS said, where, and what to do."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import AwsError


def explained(error: ClientError | BotoCoreError, where: str) -> AwsError:
    """The error of ours that says the same with its place and its remedy."""
    return AwsError(f"{where}: {error}")
