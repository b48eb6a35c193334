"""Budgets with their notifications, through the Budgets API: one an account, in no Region."""

from __future__ import annotations

from uuid import uuid4

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource

HOME = "us-east-1"


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    budget = dict(properties["Budget"])
    budget.setdefault("BudgetName", f"{logical_id}-{uuid4().hex[:12]}")
    tags = properties.get("ResourceTags", [])
    seams.client("budgets", HOME).create_budget(
        AccountId=seams.current_account(),
        Budget=_typed(budget),
        NotificationsWithSubscribers=_notifications(properties),
        **({"ResourceTags": tags} if tags else {}),
    )
    return budget["BudgetName"], {}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    """The amounts in place; the API has no call that changes all notifications."""
    budget = {"BudgetName": physical_id} | new["Budget"]
    seams.client("budgets", HOME).update_budget(
        AccountId=seams.current_account(), NewBudget=_typed(budget)
    )
    return physical_id, {}


def _delete(physical_id: str, properties: Properties) -> None:
    account = seams.current_account()
    seams.client("budgets", HOME).delete_budget(AccountId=account, BudgetName=physical_id)


def _typed(budget: Properties) -> Properties:
    """Amounts as the strings that the API takes: a template has numbers."""
    if "BudgetLimit" not in budget:
        return budget
    limit = budget["BudgetLimit"]
    return budget | {"BudgetLimit": limit | {"Amount": str(limit["Amount"])}}


def _notifications(properties: Properties) -> list[Properties]:
    found = []
    for each in properties.get("NotificationsWithSubscribers", []):
        notification = each["Notification"]
        threshold = float(notification["Threshold"])
        found.append(each | {"Notification": notification | {"Threshold": threshold}})
    return found


RESOURCES = {
    "AWS::Budgets::Budget": Resource(
        _create,
        _delete,
        _update,
        frozenset({"NotificationsWithSubscribers", "ResourceTags"}),
        frozenset({"Budget"}),
    ),
}
