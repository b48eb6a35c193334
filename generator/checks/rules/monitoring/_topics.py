"""Which topics of the template are published to, and by which service."""

from cfnlint.template import Template

from generator.checks.rules._template import EACH, refers_to, resources, values

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
ACTIONS = ("AlarmActions", "InsufficientDataActions", "OKActions")
BUDGET_ADDRESS = ("NotificationsWithSubscribers", EACH, "Subscribers", EACH, "Address")

CLOUDWATCH = "cloudwatch.amazonaws.com"
BUDGETS = "budgets.amazonaws.com"


def notified_by(cfn: Template) -> dict[str, set[str]]:
    """Publishing service -> logical ids that its notifications name."""
    actions = [
        value
        for alarm in resources(cfn, *ALARMS)
        for key in ACTIONS
        for value in values(cfn, alarm, key, EACH)
    ]
    addresses = [
        value
        for budget in resources(cfn, "AWS::Budgets::Budget")
        for value in values(cfn, budget, *BUDGET_ADDRESS)
    ]
    return {CLOUDWATCH: refers_to(actions), BUDGETS: refers_to(addresses)}
