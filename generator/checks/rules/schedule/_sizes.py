"""The sizes that scheduled actions set."""

from cfnlint.template import Template

from generator.checks.rules._template import Spot, number, resources, values

SCHEDULED_ACTION = "AWS::AutoScaling::ScheduledAction"


def scheduled_actions(cfn: Template) -> list[Spot]:
    return list(resources(cfn, SCHEDULED_ACTION))


def size(cfn: Template, action: Spot, key: str) -> float | None:
    """A size by its value or its parameter's default; None where the template does not decide."""
    found = values(cfn, action, key)
    return number(found[0]) if len(found) == 1 else None
