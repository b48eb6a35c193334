"""A monthly budget: it tells, and stops nothing.

https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html
"""

from __future__ import annotations

from typing import Any

from troposphere.budgets import (
    Budget,
    BudgetData,
    Notification,
    NotificationWithSubscribers,
    Spend,
    Subscriber,
)

from generator.layers.draft import Draft, Expression

Step = tuple[str, int, Expression]
"""ACTUAL or FORECASTED, the percent of the budget that it exceeds, the topic that is told."""


def add(
    draft: Draft,
    title: str,
    usd: Expression,
    steps: tuple[Step, ...],
    *,
    filters: dict[str, list[str]] | None = None,
    **attributes: Any,
) -> Budget:
    """The budget; `attributes` are those of the resource, as in DependsOn."""
    narrowed = {"CostFilters": filters} if filters else {}
    return draft.add(
        Budget(
            title,
            Budget=BudgetData(
                BudgetType="COST",
                TimeUnit="MONTHLY",
                BudgetLimit=Spend(Amount=usd, Unit="USD"),
                **narrowed,
            ),
            NotificationsWithSubscribers=[_notification(*step) for step in steps],
            **attributes,
        )
    )


def _notification(kind: str, percent: int, topic: Expression) -> NotificationWithSubscribers:
    return NotificationWithSubscribers(
        Notification=Notification(
            NotificationType=kind,
            ComparisonOperator="GREATER_THAN",
            Threshold=percent,
            ThresholdType="PERCENTAGE",
        ),
        Subscribers=[Subscriber(SubscriptionType="SNS", Address=topic)],
    )
