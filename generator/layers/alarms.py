"""Alarms, written once: a watch says what is measured, when that is bad and what to do then.

A watch has up to two levels. Each level becomes one alarm, with a threshold that an operator can
tune (unless it is a fact, such as "no host at all"), an action, a description that is the first
line of the runbook, and an answer to missing data whose reason is rendered beside it.

Rules: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypedDict

from troposphere import Ref
from troposphere.cloudwatch import (
    Alarm,
    CompositeAlarm,
    MetricDataQuery,
    MetricDimension,
    MetricStat,
)
from troposphere.cloudwatch import Metric as MetricName

from generator import names
from generator.layers.draft import Draft, Expression, Tunable, Value, sub
from generator.settings.model import Settings

Severity = Literal["warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("warning", "critical")
Actions = Mapping[Severity, Expression]
"""Where each severity tells: the ARN of a topic."""

MATH_METRICS = 10
"""Metrics that the expression of one alarm may read: the service's limit."""

SUPPRESSION_SECONDS = 120
"""How long a suppressed alarm waits for its suppressor, and how long it stays quiet after it."""


class Metric(NamedTuple):
    """One CloudWatch metric and the statistic it is read by (`p99` and the like included)."""

    namespace: str
    name: str
    statistic: str
    dimensions: tuple[tuple[str, Expression], ...]


class Measured(TypedDict):
    """The two fields of a watch that say what an expression reads."""

    metrics: Mapping[str, Metric]
    expression: Expression


class Silence(NamedTuple):
    """What missing data means, and why."""

    means: Literal["breaching", "notBreaching", "ignore", "missing"]
    because: str


class Level(NamedTuple):
    """One severity: a threshold that is passed in `periods` of the last `window` periods.

    `why` makes the threshold tunable and is its explanation; without it the threshold is a fact.
    """

    threshold: float
    periods: int
    why: str = ""
    window: int = 0
    by_region: tuple[tuple[str, Value], ...] = ()


NO_METRICS: Mapping[str, Metric] = MappingProxyType({})


class Watch(NamedTuple):
    """Something worth an alarm.

    `title` starts the logical ids, `tuned_as` the names of the thresholds (several watches may
    share them). Without an `expression` there is one metric; with it, the metrics' keys are its
    variables; with an expression alone, it is a Metrics Insights query. It is bad at or above the
    threshold, or below it where `below` is set.
    """

    title: str
    measure: str
    unit: str
    meaning: str
    remedy: str
    silence: Silence
    metrics: Mapping[str, Metric] = NO_METRICS
    expression: Expression | None = None
    warning: Level | None = None
    critical: Level | None = None
    below: bool = False
    tuned_as: str = ""
    period: int = 60

    def level(self, severity: Severity) -> Level | None:
        """Its level of that severity, if it has one."""
        return self.warning if severity == "warning" else self.critical


def regional_actions(settings: Settings) -> Actions:
    """The Region's own topics, by their derived names: alarms may stand before topics do."""
    return {severity: sub(names.topic_arn(settings, severity)) for severity in SEVERITIES}


def add_all(draft: Draft, watches: Iterable[Watch], actions: Actions) -> dict[str, Alarm]:
    """The alarms of some watches, by logical id."""
    return {
        alarm.title: alarm
        for watch in watches
        for severity in SEVERITIES
        if (level := watch.level(severity))
        for alarm in [_add(draft, watch, severity, level, actions[severity])]
    }


def _add(draft: Draft, watch: Watch, severity: Severity, level: Level, action: Expression) -> Alarm:
    return draft.add(
        Alarm(
            watch.title + severity.capitalize(),
            AlarmDescription=f"{severity.upper()}: {watch.meaning} {watch.remedy}",
            AlarmActions=[action],
            ComparisonOperator=_comparison(watch),
            Threshold=_threshold(draft, watch, severity, level),
            DatapointsToAlarm=level.periods,
            EvaluationPeriods=level.window or level.periods,
            TreatMissingData=watch.silence.means,
            Metadata={"Reasons": {"TreatMissingData": watch.silence.because}},
            **_measurement(watch),
        )
    )


def _comparison(watch: Watch) -> str:
    return "LessThanThreshold" if watch.below else "GreaterThanOrEqualToThreshold"


def _threshold(draft: Draft, watch: Watch, severity: Severity, level: Level) -> Ref | float:
    if not level.why:
        return level.threshold
    return draft.tune(
        Tunable(
            f"{watch.tuned_as or watch.title}{severity.capitalize()}{watch.unit}",
            f"{watch.measure}: {severity} ({watch.unit.lower()})",
            f"{'Below' if watch.below else 'From'} here the alarm rings. {level.why}",
            default=_tidy(level.threshold),
            type="Number",
            minimum=0,
            maximum=100 if watch.unit == "Percent" else None,
            by_region=level.by_region,
            cost="Free: an alarm is billed per month, whatever its threshold.",
        )
    )


def _tidy(threshold: float) -> int | float:
    """A number as people write it: 1, not 1.0; 0.35, not 0.35000000000000003."""
    return int(threshold) if threshold == int(threshold) else round(threshold, 6)


def _measurement(watch: Watch) -> dict[str, object]:
    if watch.expression is None:
        (metric,) = watch.metrics.values()
        return _plain(metric, watch.period)
    assert len(watch.metrics) <= MATH_METRICS, watch.title
    inputs = [query(name, metric, watch.period) for name, metric in watch.metrics.items()]
    # A query needs a period of its own; an expression has that of its metrics.
    own = {} if inputs else {"Period": watch.period}
    result = MetricDataQuery(
        Id="result", Expression=watch.expression, Label=watch.measure, ReturnData=True, **own
    )
    return {"Metrics": [*inputs, result]}


def _plain(metric: Metric, period: int) -> dict[str, object]:
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": _dimensions(metric),
        "Period": period,
        "Statistic": metric.statistic,
    }


def percentile_of_many(requests: Metric, percentile: Metric, floor: Expression) -> Measured:
    """A percentile, read as 0 while there are fewer requests than `floor` a minute.

    EvaluateLowSampleCountPercentile is no substitute: below 1,000 samples of a p99 it freezes the
    alarm in its state, so what rang at a peak would ring all night, and a small fleet never.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
    """
    return {
        "metrics": {"requests": requests, "percentile": percentile},
        "expression": sub("IF(requests >= ${Floor}, percentile, 0)", Floor=floor),
    }


def query(name: str, metric: Metric, period: int, *, shown: bool = False) -> MetricDataQuery:
    """A metric as a variable of an expression."""
    return MetricDataQuery(
        Id=name,
        MetricStat=MetricStat(
            Metric=MetricName(
                Namespace=metric.namespace,
                MetricName=metric.name,
                Dimensions=_dimensions(metric),
            ),
            Period=period,
            Stat=metric.statistic,
        ),
        ReturnData=shown,
    )


def _dimensions(metric: Metric) -> list[MetricDimension]:
    return [MetricDimension(Name=name, Value=value) for name, value in metric.dimensions]


def ringing(alarm: str) -> str:
    """The term of a composite's rule that is true while an alarm of this template rings."""
    return f'ALARM("${{{alarm}}}")'


def add_composite(
    draft: Draft,
    title: str,
    rule: str,
    description: str,
    action: Expression,
    suppressor: CompositeAlarm | None = None,
) -> CompositeAlarm:
    """An alarm over alarms. It tells the end of the trouble too, and is quiet under another's."""
    quiet = {
        "ActionsSuppressor": Ref(suppressor),
        "ActionsSuppressorWaitPeriod": SUPPRESSION_SECONDS,
        "ActionsSuppressorExtensionPeriod": SUPPRESSION_SECONDS,
    }
    return draft.add(
        CompositeAlarm(
            title,
            AlarmDescription=description,
            AlarmRule=sub(rule),
            AlarmActions=[action],
            OKActions=[action],
            **(quiet if suppressor else {}),
        )
    )
