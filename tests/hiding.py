"""Eventual consistency: what was just made is not there yet for the first reads.

CloudFormation promises no read after write. The veil lies over a stack, a change set, a stack set
or an operation that was made: reads by name do not find it, lists lack it, and a stack whose update
has begun is described as it was before.
"""

from __future__ import annotations

import threading
from typing import NamedTuple
from xml.etree import ElementTree

from tests.aws_wire import Answer, Call, refusal


class Making(NamedTuple):
    """An operation that makes something: the parameter that names it, and what reads it."""

    named_by: str
    reads: tuple[str, ...]
    error: tuple[str, str, int]
    """Code, message and HTTP status while it can't be seen."""
    lists: str = ""


_STARTED = Making(
    "OperationId",
    ("DescribeStackSetOperation", "ListStackSetOperationResults"),
    ("OperationNotFoundException", "Operation not found", 404),
)
MAKINGS = {
    "CreateStack": Making(
        "StackName",
        ("DescribeStacks", "DescribeStackEvents"),
        ("ValidationError", "Stack with id {} does not exist", 400),
        "DescribeStacks",
    ),
    "CreateChangeSet": Making(
        "ChangeSetName",
        ("DescribeChangeSet",),
        ("ChangeSetNotFound", "ChangeSet [{}] does not exist", 404),
    ),
    "CreateStackSet": Making(
        "StackSetName",
        ("DescribeStackSet", "CreateStackInstances"),
        ("StackSetNotFoundException", "StackSet {} not found", 404),
        "ListStackSets",
    ),
    "CreateStackInstances": _STARTED,
    "UpdateStackInstances": _STARTED,
    "UpdateStackSet": _STARTED,
    "DeleteStackInstances": _STARTED,
}
_UPDATES = ("ExecuteChangeSet", "UpdateStack", "ContinueUpdateRollback")


class _Thing(NamedTuple):
    """Something new in an account's Region."""

    account: str
    region: str
    name: str
    making: Making


class Veil:
    """Hides each new thing from its first `reads` reads of each kind."""

    def __init__(self, reads: int) -> None:
        self._reads, self._lock = reads, threading.Lock()
        self._left: dict[tuple[_Thing, str], int] = {}
        self._described: dict[tuple[str, str, bytes], Answer] = {}
        self._stale: set[tuple[str, str, bytes]] = set()
        self.hidden = 0

    def instead_of(self, call: Call) -> Answer | None:
        """The answer to a read that comes too early; None where the read is to be made."""
        with self._lock:
            thing = next((t for t, read in self._left if _reads(call, t, read)), None)
            if thing:
                self._count(thing, call.operation)
                code, message, status = thing.making.error
                return refusal(call, code, message.format(thing.name), status)
            if (key := _key(call)) in self._stale:
                self._stale.discard(key)
                self.hidden += 1
                return self._described[key]
        return None

    def over(self, call: Call, answer: Answer) -> Answer:
        """The answer as it is seen; what the call made is hidden from now on."""
        if not self._reads or call.service != "cloudformation" or answer.status >= 300:
            return answer
        with self._lock:
            self._note(call, answer)
            return self._without_new(call, answer)

    def _note(self, call: Call, answer: Answer) -> None:
        making = MAKINGS.get(call.operation)
        if making:
            thing = _Thing(call.account, call.region, call.parameters[making.named_by], making)
            for read in {*making.reads, making.lists} - {""}:
                self._left[thing, read] = self._reads
        if call.operation == "DescribeStacks" and "StackName" in call.parameters:
            self._described[_key(call)] = answer
        if call.operation in _UPDATES:
            self._stale |= {
                key for key in self._described if key[:2] == (call.account, call.region)
            }

    def _without_new(self, call: Call, answer: Answer) -> Answer:
        new = [t for t, read in self._left if _lists(call, t, read)]
        if not new:
            return answer
        root = ElementTree.fromstring(answer.body)
        for thing in new:
            gone = [(p, m) for p in root.iter() for m in p if _is_member(m, thing)]
            for parent, member in gone:
                parent.remove(member)
            if gone:
                self._count(thing, call.operation)
        return answer._replace(body=ElementTree.tostring(root))

    def _count(self, thing: _Thing, read: str) -> None:
        self.hidden += 1
        self._left[thing, read] -= 1
        if not self._left[thing, read]:
            del self._left[thing, read]


def _key(call: Call) -> tuple[str, str, bytes]:
    return call.account, call.region, call.body


def _here(call: Call, thing: _Thing, read: str) -> bool:
    return (call.account, call.region, call.operation) == (thing.account, thing.region, read)


def _reads(call: Call, thing: _Thing, read: str) -> bool:
    """Whether the call reads the thing, by its name or its ARN."""
    asked = call.parameters.get(thing.making.named_by, "")
    return _here(call, thing, read) and (asked == thing.name or f"/{thing.name}/" in asked)


def _lists(call: Call, thing: _Thing, read: str) -> bool:
    return (
        _here(call, thing, read)
        and read == thing.making.lists
        and thing.making.named_by not in call.parameters
    )


def _is_member(element: ElementTree.Element, thing: _Thing) -> bool:
    """Whether it is the thing's entry in a list."""
    return any(
        child.tag.endswith(f"}}{thing.making.named_by}") and child.text == thing.name
        for child in element
    )
