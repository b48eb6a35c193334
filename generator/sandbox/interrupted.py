"""What a persistent server finds in progress when it starts: nobody works on it any more.

An action that was interrupted has failed; each of the states that it ends in has its way out.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

from generator.sandbox import seams

_ENDS = {
    "CREATE_IN_PROGRESS": "CREATE_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "UPDATE_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
_REASON = "The sandbox was stopped while it worked on this"


def install() -> None:
    """End what is in progress in a state that is read back."""
    seams.when_restored(_end)


def _end(stack: seams.Record) -> None:
    end = _ENDS.get(stack["StackStatus"])
    if end is not None:
        stack["StackStatus"], stack["StackStatusReason"] = end, _REASON
        seams.add_event(stack, stack["StackName"], seams.STACK, end, _REASON, stack["StackId"])
