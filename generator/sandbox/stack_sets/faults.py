"""Errors that the StackSet API answers, by AWS's names."""

from __future__ import annotations

_CONFLICT = 409
_NOT_FOUND = 404
_BAD_REQUEST = 400
_STATUS = {
    "NameAlreadyExistsException": _CONFLICT,
    "CreatedButModifiedException": _CONFLICT,
    "OperationIdAlreadyExistsException": _CONFLICT,
    "OperationInProgressException": _CONFLICT,
    "StackSetNotEmptyException": _CONFLICT,
    "StaleRequestException": _CONFLICT,
    "StackSetNotFoundException": _NOT_FOUND,
    "StackInstanceNotFoundException": _NOT_FOUND,
    "OperationNotFoundException": _NOT_FOUND,
}
"""HTTP status by code, as botocore's model of the service has them; anything else is a 400."""


class Fault(Exception):
    """An error of the API: its code, its HTTP status and what it says."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = _STATUS.get(code, _BAD_REQUEST)


def invalid(message: str) -> Fault:
    """A request that can't be meant: ValidationError."""
    return Fault("ValidationError", message)


def no_set(name: str) -> Fault:
    return Fault("StackSetNotFoundException", f"StackSet {name} not found")


def no_instance(name: str, account: str, region: str) -> Fault:
    return Fault(
        "StackInstanceNotFoundException",
        f"Stack instance not found for StackSet {name}, account {account}, Region {region}",
    )


def no_operation(operation_id: str) -> Fault:
    return Fault("OperationNotFoundException", f"Operation {operation_id} not found")


def busy(arn: str) -> Fault:
    return Fault(
        "OperationInProgressException", f"Another Operation on StackSet {arn} is in progress"
    )


def not_now(message: str) -> Fault:
    """A request that the set's, the instance's or the operation's state forbids."""
    return Fault("InvalidOperationException", message)
