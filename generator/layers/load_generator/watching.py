"""What is done when load generators run too long, and who is told of that and of what they cost.

The topic is the layer's own: load may come from Regions and accounts without the platform's.
"""

from __future__ import annotations

from hashlib import sha256

from troposphere import Equals, Ref
from troposphere.autoscaling import AutoScalingGroup
from troposphere.kms import Key
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from generator import names
from generator.layers import budgets
from generator.layers.alarms import Level, Metric, Silence, Watch, add_all
from generator.layers.draft import Draft, Expression, Tunable
from generator.layers.load_generator.fleet import Groups
from generator.layers.load_generator.meeting import cost_tag
from generator.layers.load_generator.user_data import longest_seconds
from generator.policies import topics

PUBLISHERS = (topics.ALARMS, topics.BUDGETS)
ONCE = "FirstRegion"
"""Condition: a budget is the account's, so one Region of each account makes it."""
STEPS = (("ACTUAL", 80), ("FORECASTED", 100), ("ACTUAL", 100))
PERIOD_SECONDS = 60
LATE_PERIODS = 5
"""What switching off may take before it is done from outside."""


def add(draft: Draft, groups: Groups, key: Key, to_none: list[Expression]) -> None:
    """The topic first, which the others tell; `to_none` are policies that empty the groups.

    An alarm repeats what it asks of Auto Scaling every minute, for as long as it rings.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
    """
    topic = _topic(draft, key)
    alarms = add_all(draft, [_runs_on(draft, groups)], {"critical": topic, "warning": topic})
    for alarm in alarms.values():
        alarm.AlarmActions = [topic, *to_none]
    _budget(draft, topic)


def _topic(draft: Draft, key: Key) -> Expression:
    name = names.generators(draft.settings, "generators")
    topic = draft.add(
        Topic(
            "LoadTopic",
            TopicName=name,
            DisplayName=name,
            KmsMasterKeyId=Ref(key),
            Tags=cost_tag(draft),
        )
    )
    draft.add(
        TopicPolicy(
            "LoadTopicPolicy",
            Topics=[Ref(topic)],
            PolicyDocument=topics.topic_policy(Ref(topic), PUBLISHERS),
        )
    )
    for email in draft.settings.monitoring.emails:
        mark = sha256(email.lower().encode()).hexdigest()[:8]
        draft.add(
            SubscriptionResource(
                f"LoadEmail{mark}", TopicArn=Ref(topic), Protocol="email", Endpoint=email
            )
        )
    arn: Expression = Ref(topic)
    return arn


def _runs_on(draft: Draft, groups: Groups) -> Watch:
    """Instances were wanted in every minute of the longest load test, and of switching it off."""
    periods = longest_seconds(draft) // PERIOD_SECONDS + LATE_PERIODS
    return Watch(
        title="GeneratorsRunOn",
        measure="Load generators that are wanted",
        unit="Count",
        meaning="Load generators ran for longer than any load test may, and are switched off.",
        remedy="See that both Auto Scaling groups are at 0, and why nothing else set them to 0.",
        metrics={"masters": _wanted(groups.masters), "workers": _wanted(groups.workers)},
        expression="FILL(masters, 0) + FILL(workers, 0)",
        critical=Level(threshold=1, periods=periods),
        silence=Silence("notBreaching", "A group without metrics has never wanted an instance."),
        period=PERIOD_SECONDS,
    )


def _wanted(group: AutoScalingGroup) -> Metric:
    """Minimum: a minute in which none was wanted ends the count.

    Not the instances that are there: between one that shut down and what replaces it is a minute
    without any, too.
    """
    name = "GroupDesiredCapacity"
    return Metric("AWS/AutoScaling", name, "Minimum", (("AutoScalingGroupName", Ref(group)),))


def _budget(draft: Draft, topic: Expression) -> None:
    """What bears the layer's tag, in all Regions of the account.

    The tag counts only from when somebody has activated it for cost allocation, in the billing
    console of the account that pays; until then this budget reads zero. The alarm above does not
    need that.
    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
    """
    first = draft.settings.generator_regions[0]
    draft.template.add_condition(ONCE, Equals(Ref("AWS::Region"), first))
    tagged = f"user:{names.LOAD_GENERATOR_TAG}${draft.settings.prefix}"
    budgets.add(
        draft,
        "LoadBudget",
        draft.tune(_limit(draft)),
        tuple((kind, percent, topic) for kind, percent in STEPS),
        filters={"TagKeyValue": [tagged]},
        Condition=ONCE,
        DependsOn="LoadTopicPolicy",
    )


def _limit(draft: Draft) -> Tunable:
    asked = draft.settings.load_generator
    assert asked is not None
    return Tunable(
        "LoadGeneratorMonthlyBudgetUsd",
        "Monthly budget (USD)",
        "Of load generators in all Regions. Tells at 80 percent, at 100, and when the forecast "
        "exceeds it; it counts once the tag LoadGenerator is activated for cost allocation.",
        default=asked.monthly_budget_usd,
        type="Number",
        minimum=1,
        cost="Free: it tells, and switches nothing off.",
    )
