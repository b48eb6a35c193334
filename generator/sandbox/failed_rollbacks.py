"""What a rollback could not delete is still its stack's, and deleting the stack tries again.

ministack takes such a resource out of the stack and leaves it standing for ever.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from __future__ import annotations

from generator.sandbox import seams, stack_actions

_FAILED = {"ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"}


def install() -> None:
    """Give DeleteStack what the rollback left behind."""
    stack_actions.guard("DeleteStack", _take_back)


def _take_back(params: seams.Params, before: seams.Handler) -> seams.Answer:
    record = stack_actions.stack_of(params)
    if record is not None and record["StackStatus"] in _FAILED:
        for logical_id, left in record.pop("_rollback_failed", {}).items():
            kept = left | {"LogicalResourceId": logical_id, "ResourceStatus": "DELETE_FAILED"}
            record["_resources"].setdefault(logical_id, kept)
    return before(params)
