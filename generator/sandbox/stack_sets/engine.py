"""The operation machine: QUEUED → RUNNING → SUCCEEDED or FAILED, or STOPPING → STOPPED.

An operation goes through its Regions in order (or all at once), in each through its accounts, as
many at a time as its preferences allow. When more accounts of a Region fail than are tolerated,
nothing more is started anywhere: what had not begun is CANCELLED, and the operation FAILED.
Everything runs as tasks on the server's event loop, so no two steps meet.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-concepts.html
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from dataclasses import dataclass, replace

from generator.sandbox import seams
from generator.sandbox.stack_sets import drift, preferences, store, work
from generator.sandbox.stack_sets.records import (
    Operation,
    OperationResult,
    OperationStatus,
    StackSet,
    Target,
    now,
)

INSTANCE_SECONDS = "SANDBOX_INSTANCE_SECONDS"
"""Environment variable of the server: seconds that each instance takes longer, 0 without it."""
TOLERANCE_EXCEEDED = "Cancelled since failure tolerance has exceeded"
STOPPED_BY_USER = "Cancelled since the operation was stopped by the user"
INTERRUPTED = "The sandbox was stopped while the operation ran"

_tasks: set[asyncio.Task[None]] = set()
_settled: set[tuple[str, str]] = set()
"""The accounts and Regions where `settle` has looked."""


@dataclass
class _Run:
    """One operation as it runs."""

    set_id: str
    operation_id: str
    is_exceeded: bool = False

    @property
    def operation(self) -> Operation | None:
        """The operation as it is now; None after a reset."""
        return store.find_operation(self.set_id, self.operation_id)

    @property
    def is_halted(self) -> bool:
        found = self.operation
        return self.is_exceeded or found is None or found.status != "RUNNING"


def accept(stack_set: StackSet, operation: Operation) -> None:
    """Keep a new operation: it starts now, or waits for those before it."""
    store.put_operation(operation)
    if operation.status == "RUNNING":
        _start(stack_set, operation)


def stop(stack_set: StackSet, operation: Operation) -> None:
    """What has begun is finished, what has not is cancelled; a queued operation ends at once."""
    if operation.status == "QUEUED":
        _cancel_rest(operation, STOPPED_BY_USER)
        _end(stack_set.id, operation.id, "STOPPED")
    else:
        store.put_operation(replace(operation, status="STOPPING"))


def settle() -> None:
    """End what an earlier process of the sandbox left unfinished: nobody works on it any more.

    For the current account and Region, once in the life of a process.
    """
    place = seams.current_account(), seams.current_region()
    if place in _settled:
        return
    _settled.add(place)
    for operation in (each for one in store.all_sets() for each in store.unfinished(one)):
        _cancel_rest(operation, INTERRUPTED)
        _end(operation.set_id, operation.id, "FAILED", INTERRUPTED)


def _start(stack_set: StackSet, operation: Operation) -> None:
    work.begin(stack_set, operation)
    _in_background(_run(_Run(operation.set_id, operation.id), stack_set.name))


def _in_background(coroutine: Coroutine[None, None, None]) -> None:
    task = asyncio.get_running_loop().create_task(coroutine)
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _run(run: _Run, set_name: str) -> None:
    operation = run.operation
    if operation is not None:
        await _through_regions(run, set_name, operation)
        _finish(run)
        _start_next(run.set_id)


async def _through_regions(run: _Run, set_name: str, operation: Operation) -> None:
    targets = [result.target for result in operation.results]
    regions = preferences.ordered(operation.preferences, (each.region for each in targets))
    passes = [
        _through_accounts(run, set_name, [each for each in targets if each.region == region])
        for region in regions
    ]
    if preferences.are_regions_parallel(operation.preferences):
        await asyncio.gather(*passes)
        return
    for one in passes:
        await one


async def _through_accounts(run: _Run, set_name: str, waiting: list[Target]) -> None:
    """One Region: as many accounts at once as allowed, until all are done or the run is halted."""
    operation = run.operation
    if operation is None:
        return
    limits = preferences.limits(operation.preferences, len(waiting))
    active: set[asyncio.Task[bool]] = set()
    failures = 0
    while active or (waiting and not run.is_halted):
        while waiting and not run.is_halted and len(active) < limits.at_once(failures):
            active.add(asyncio.create_task(_one(run, set_name, waiting.pop(0))))
        done, active = await asyncio.wait(active, return_when=asyncio.FIRST_COMPLETED)
        failures += sum(not task.result() for task in done)
        run.is_exceeded = run.is_exceeded or failures > limits.tolerance


async def _one(run: _Run, set_name: str, target: Target) -> bool:
    """One account in one Region; whether it went well."""
    operation = run.operation
    if operation is None:
        return True
    store.put_result(run.set_id, run.operation_id, OperationResult(target, "RUNNING"))
    await asyncio.sleep(float(os.environ.get(INSTANCE_SECONDS, "0")))
    try:
        result = await work.perform(set_name, operation, target)
    except Exception as error:  # a bug of ours must not leave an operation running for ever
        result = OperationResult(target, "FAILED", f"Internal failure: {error!r}")
    store.put_result(run.set_id, run.operation_id, result)
    return result.status == "SUCCEEDED"


def _finish(run: _Run) -> None:
    operation = run.operation
    if operation is None:
        return
    if operation.status == "STOPPING":
        _cancel_rest(operation, STOPPED_BY_USER)
        _end(run.set_id, run.operation_id, "STOPPED")
    elif run.is_exceeded:
        _cancel_rest(operation, TOLERANCE_EXCEEDED)
        _end(run.set_id, run.operation_id, "FAILED", "The failure tolerance was exceeded")
    else:
        _end(run.set_id, run.operation_id, "SUCCEEDED")


def _cancel_rest(operation: Operation, reason: str) -> None:
    for result in operation.results:
        if result.status in {"PENDING", "RUNNING"}:
            work.cancel(operation, result.target, reason)
            cancelled = OperationResult(result.target, "CANCELLED", reason)
            store.put_result(operation.set_id, operation.id, cancelled)


def _end(
    set_id: str, operation_id: str, status: OperationStatus, reason: str | None = None
) -> None:
    operation = store.find_operation(set_id, operation_id)
    if operation is not None:
        spent = replace(operation.definition, template="")  # what is over needs it no more
        ended = replace(operation, status=status, reason=reason, ended=now(), definition=spent)
        store.put_operation(ended)
        drift.conclude(ended)


def _start_next(set_id: str) -> None:
    stack_set = store.find_set(set_id)
    waiting = store.unfinished(stack_set) if stack_set else []
    if stack_set and waiting and waiting[0].status == "QUEUED":
        _start(stack_set, store.put_operation(replace(waiting[0], status="RUNNING")))
