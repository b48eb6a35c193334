"""Alarms on expressions and composite alarms, as CloudWatch describes them."""

from __future__ import annotations

from typing import Any

from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, ref, resource

COMMON = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": "2"}


def statistic(identifier: str) -> dict[str, Any]:
    """A metric that an expression uses."""
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": identifier, "Dimensions": []}
    asked = {"Metric": metric, "Period": "60", "Stat": "Sum"}
    return {"Id": identifier, "MetricStat": asked, "ReturnData": False}


def expression(text: str, **more: Any) -> dict[str, Any]:
    """What an alarm watches."""
    return {"Id": "result", "Expression": text, "ReturnData": True, **more}


def described(stack: Stack) -> dict[str, Any]:
    """The alarm as its service describes it."""
    found = stack.client("cloudwatch").describe_alarms(AlarmNames=[stack.id("Alarm")])
    return dict(found["MetricAlarms"][0])


def alarm(*queries: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An alarm on an expression."""
    properties = {**COMMON, "Metrics": list(queries), "Threshold": "5", **more}
    return {"Alarm": resource("CloudWatch::Alarm", **properties)}


def test_an_alarm_on_an_expression(account: Account) -> None:
    stack = Stack(account)
    queries = (statistic("errors"), statistic("requests"), expression("100 * errors / requests"))
    stack.create(alarm(*queries))
    found = described(stack)
    assert [each["Id"] for each in found["Metrics"]] == ["errors", "requests", "result"]
    assert (found["Threshold"], found["EvaluationPeriods"]) == (5.0, 2)
    assert found["StateValue"] == "INSUFFICIENT_DATA"
    stack.client("cloudwatch").set_alarm_state(
        AlarmName=stack.id("Alarm"), StateValue="ALARM", StateReason="a test"
    )
    stack.update(alarm(*queries, Threshold="7"))
    found = described(stack)
    assert (found["Threshold"], found["StateValue"]) == (7.0, "ALARM")
    name = stack.id("Alarm")
    stack.delete()
    assert stack.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"] == []


def test_an_alarm_on_a_metrics_insights_query(account: Account) -> None:
    stack = Stack(account)
    query = 'SELECT AVG(SuccessfulRequestLatency) FROM SCHEMA("AWS/DynamoDB", TableName)'
    stack.create(alarm(expression(query, Period="60")))
    assert described(stack)["Metrics"][0]["Period"] == 60


def test_an_alarm_that_watches_two_things_is_refused(account: Account) -> None:
    stack = Stack(account)
    both = alarm(expression("1"), expression("2", Id="other"))
    assert stack.try_create(both) == "ROLLBACK_COMPLETE"
    assert "Exactly 1 element(s) of the metrics list should return data" in stack.reasons()[0]


def test_an_alarm_turns_from_a_metric_to_an_expression(account: Account) -> None:
    stack = Stack(account)
    single = {"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": "60"}
    plain = resource("CloudWatch::Alarm", **COMMON, **single, Threshold="1")
    stack.create({"Alarm": plain})
    name = stack.id("Alarm")
    assert described(stack)["MetricName"] == "m"
    stack.update(alarm(expression("1")))
    assert (stack.id("Alarm"), described(stack).get("MetricName")) == (name, None)


def test_a_composite_alarm(account: Account) -> None:
    stack = Stack(account)

    def both(description: str) -> dict[str, Any]:
        rule = {"Fn::Sub": 'ALARM("${Alarm}")'}
        made = {"AlarmRule": rule, "AlarmDescription": description}
        return alarm(expression("1")) | {"Both": resource("CloudWatch::CompositeAlarm", **made)}

    stack.create(both("one"))
    cloudwatch = stack.client("cloudwatch")

    def found() -> dict[str, Any]:
        asked = {"AlarmNames": [stack.id("Both")], "AlarmTypes": ["CompositeAlarm"]}
        return dict(cloudwatch.describe_alarms(**asked)["CompositeAlarms"][0])

    assert found()["AlarmRule"] == f'ALARM("{stack.id("Alarm")}")'
    asked = {"AlarmName": stack.id("Alarm"), "StateReason": "a test"}
    cloudwatch.set_alarm_state(**asked, StateValue="ALARM")
    assert found()["StateValue"] == "ALARM"
    stack.update(both("two"))
    assert (found()["AlarmDescription"], found()["StateValue"]) == ("two", "ALARM")
    stack.delete()
    assert cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"] == []


def test_a_composite_alarm_of_nothing_is_refused(account: Account) -> None:
    stack = Stack(account)
    lost = resource("CloudWatch::CompositeAlarm", AlarmRule='ALARM("nothing")')
    assert stack.try_create({"Both": lost}) == "ROLLBACK_COMPLETE"
    assert "do not exist" in stack.reasons()[0]


def test_a_name_that_is_taken_is_refused(account: Account) -> None:
    Stack(account, name="first").create(alarm(expression("1"), AlarmName="evacuated"))
    second = Stack(account, name="second")
    assert second.try_create(alarm(expression("1"), AlarmName="evacuated")) == "ROLLBACK_COMPLETE"
    assert "'evacuated' already exists" in second.reasons()[0]


def test_suppression_needs_its_alarm_and_times(account: Account) -> None:
    stack = Stack(account)
    made = {"AlarmRule": {"Fn::Sub": 'ALARM("${Alarm}")'}, "ActionsSuppressor": ref("Alarm")}
    lacking = resource("CloudWatch::CompositeAlarm", **made)
    assert stack.try_create(alarm(expression("1")) | {"Both": lacking}) == "ROLLBACK_COMPLETE"
    assert "needs a wait period" in stack.reasons()[0]
