"""What a rollback could not delete is still its stack's, and deleting the stack tries again.

ministack takes such a resource out of the stack and leaves it standing for ever.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from __future__ import annotations

from generator.sandbox import seams, stack_actions

_FAILED = {"ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"}
_READS = ("ListStackResources", "DescribeStackResources", "DescribeStackResource")


def install() -> None:
    """Give DeleteStack what the rollback left behind, and show it to who asks."""
    stack_actions.guard("DeleteStack", _take_back)
    for action in _READS:
        stack_actions.guard(action, _show)


def _take_back(params: seams.Params, before: seams.Handler) -> seams.Answer:
    record = stack_actions.stack_of(params)
    if record is not None and record["StackStatus"] in _FAILED:
        _put_back(record, record.pop("_rollback_failed", {}))
    return before(params)


def _show(params: seams.Params, before: seams.Handler) -> seams.Answer:
    record = stack_actions.stack_of(params)
    if record is not None and record["StackStatus"] == "ROLLBACK_FAILED":
        _put_back(record, record.get("_rollback_failed", {}))
    return before(params)


def _put_back(record: seams.Record, left: dict[str, seams.Record]) -> None:
    for logical_id, resource in left.items():
        state = {"ResourceStatus": "DELETE_FAILED", "Timestamp": record["LastUpdatedTime"]}
        kept = resource | {"LogicalResourceId": logical_id} | state
        record["_resources"].setdefault(logical_id, kept)
