"""Calls whose answer got lost after the work was done.

botocore sends such a call again, with the same token, and CloudFormation may then refuse what it
has just accepted: the change set is executed already, the stack is being updated. Whether that was
us is told by the stack's events, which carry the token.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ExecuteChangeSet.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from generator.deploy.context import VISIBLE_WITHIN, Context
from generator.deploy.failures import was_repeated
from generator.deploy.looking.events import began
from generator.deploy.waiting import until


def ask_once(
    context: Context, client: Any, stack_id: str, seen: str, token: str, call: Callable[[], object]
) -> None:
    """Make a call that begins an operation; a refusal of its repetition is none.

    `seen` is the stack's last event before. Raises ClientError where the operation did not begin.
    """

    def look() -> bool | None:
        return began(client, stack_id, seen, token) or None

    try:
        call()
    except ClientError as error:
        if not (was_repeated(error) and until(look, context.stop, VISIBLE_WITHIN)):
            raise
