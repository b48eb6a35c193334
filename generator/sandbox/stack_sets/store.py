"""Where the records are kept: by account and Region of the administrator, in ministack's own state.

So its reset clears them and its persistence keeps them (store_seams.regional_store). Everything
here works for the current account and Region.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from generator.sandbox import store_seams
from generator.sandbox.stack_sets.faults import no_instance, no_operation, no_set
from generator.sandbox.stack_sets.records import (
    UNFINISHED,
    Instance,
    Operation,
    OperationResult,
    StackSet,
    Target,
    instance_key,
)

_sets = store_seams.regional_store("stack_sets")
_instances = store_seams.regional_store("stack_set_instances")
_operations = store_seams.regional_store("stack_set_operations")
_drifts = store_seams.regional_store("stack_set_drifts")

_read_set = TypeAdapter(StackSet).validate_python
_read_instance = TypeAdapter(Instance).validate_python
_read_operation = TypeAdapter(Operation).validate_python


# --- sets


def all_sets() -> Iterator[StackSet]:
    """Every set of the account and Region, deleted ones too, in the order of creation."""
    for record in list(_sets.values()):
        yield _read_set(record)


def regions() -> set[str]:
    """The Regions where the current account has sets."""
    return store_seams.regions_of(_sets)


def active_set(name_or_id: str) -> StackSet:
    """The set of a name or an id. Raises Fault: StackSetNotFoundException."""
    for found in all_sets():
        if found.status == "ACTIVE" and name_or_id in {found.name, found.id}:
            return found
    raise no_set(name_or_id)


def any_set(name_or_id: str) -> StackSet:
    """As `active_set`, but an id also finds a deleted set."""
    if name_or_id in _sets:
        return _read_set(_sets[name_or_id])
    return active_set(name_or_id)


def find_set(set_id: str) -> StackSet | None:
    record = _sets.get(set_id)
    return None if record is None else _read_set(record)


def put_set(stack_set: StackSet) -> StackSet:
    _sets[stack_set.id] = asdict(stack_set)
    return stack_set


# --- instances


def instances(stack_set: StackSet) -> list[Instance]:
    """The instances of a set, in the order of creation."""
    found = map(_read_instance, list(_instances.values()))
    return [instance for instance in found if instance.set_id == stack_set.id]


def instance(stack_set: StackSet, account: str, region: str) -> Instance:
    """Raises Fault: StackInstanceNotFoundException."""
    found = find_instance(stack_set.id, account, region)
    if found is None:
        raise no_instance(stack_set.name, account, region)
    return found


def find_instance(set_id: str, account: str, region: str) -> Instance | None:
    record = _instances.get(instance_key(set_id, account, region))
    return None if record is None else _read_instance(record)


def put_instance(record: Instance) -> None:
    _instances[record.key] = asdict(record)


def reserve(stack_set: StackSet, chosen: Iterable[Target], operation_id: str) -> None:
    """Keep the instances that do not stand yet: on AWS they exist long before their stacks."""
    for each in chosen:
        if find_instance(stack_set.id, each.account, each.region) is None:
            new = Instance(stack_set.id, each.account, each.region, unit=each.unit)
            put_instance(replace(new, last_operation=operation_id))


def drop_instance(set_id: str, account: str, region: str) -> None:
    _instances.pop(instance_key(set_id, account, region), None)


# --- operations


def next_number() -> int:
    """A number above every operation's: requests are put in order by it."""
    return 1 + max((int(record["number"]) for record in _operations.values()), default=0)


def operations(stack_set: StackSet) -> list[Operation]:
    """The operations of a set, oldest first."""
    found = map(_read_operation, list(_operations.values()))
    return sorted(
        (operation for operation in found if operation.set_id == stack_set.id),
        key=lambda operation: operation.number,
    )


def unfinished(stack_set: StackSet) -> list[Operation]:
    """The operations of a set that run or wait, oldest first."""
    return [each for each in operations(stack_set) if each.status in UNFINISHED]


def operation(stack_set: StackSet, operation_id: str) -> Operation:
    """Raises Fault: OperationNotFoundException."""
    found = find_operation(stack_set.id, operation_id)
    if found is None:
        raise no_operation(operation_id)
    return found


def find_operation(set_id: str, operation_id: str) -> Operation | None:
    record = _operations.get(f"{set_id}/{operation_id}")
    return None if record is None else _read_operation(record)


def put_operation(record: Operation) -> Operation:
    _operations[f"{record.set_id}/{record.id}"] = asdict(record)
    return record


def put_result(set_id: str, operation_id: str, result: OperationResult) -> None:
    """Change the result of one account and Region; nothing when the operation is gone."""
    found = find_operation(set_id, operation_id)
    if found is not None:
        results = tuple(
            result if _same_place(each.target, result.target) else each for each in found.results
        )
        put_operation(replace(found, results=results))


def _same_place(left: Target, right: Target) -> bool:
    return (left.account, left.region) == (right.account, right.region)


# --- drift of an instance's resources


def put_drifts(set_id: str, operation_id: str, target: Target, drifts: list[Any]) -> None:
    _drifts[f"{set_id}/{operation_id}/{target.account}/{target.region}"] = drifts


def drifts(set_id: str, operation_id: str, account: str, region: str) -> list[Any]:
    """What an operation found in one instance: StackInstanceResourceDriftsSummary members."""
    found: list[Any] = _drifts.get(f"{set_id}/{operation_id}/{account}/{region}", [])
    return found
