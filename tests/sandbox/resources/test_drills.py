"""What drills a platform: plans and experiments are records; the functions of a plan are real."""

from __future__ import annotations

import json
from typing import Any

from generator.layers import switch_functions
from generator.layers.draft import Draft
from generator.settings.sections_options import RegionSwitch
from tests.layers.support import settings
from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, att, ref, resource, value

ALARM = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:impaired"
ROLE = "arn:aws:iam::111122223333:role/drill"
HERE, THERE = "eu-west-1", "us-east-1"


def experiment(description: str) -> dict[str, Any]:
    stop = [{"Source": "aws:cloudwatch:alarm", "Value": ALARM}]
    told = {"Description": description, "RoleArn": ROLE, "StopConditions": stop}
    return resource("FIS::ExperimentTemplate", **told, Targets={}, Actions={})


def plan(minutes: int, name: str = "switch") -> dict[str, Any]:
    told = {"Name": name, "ExecutionRole": ROLE, "RecoveryApproach": "activeActive"}
    lasting = {"RecoveryTimeObjectiveMinutes": minutes, "Workflows": []}
    return resource("ARCRegionSwitch::Plan", **told, **lasting, Regions=[HERE, THERE])


def document(text: str) -> dict[str, Any]:
    content = {"schemaVersion": "0.3", "description": text, "mainSteps": []}
    return resource("SSM::Document", Name="drill", DocumentType="Automation", Content=content)


def test_experiments_plans_and_documents_are_made_changed_and_deleted(account: Account) -> None:
    stack = Stack(account)
    outputs = {"Arn": value(att("Plan", "Arn")), "Id": value(ref("Drill"))}
    stack.create(
        {"Drill": experiment("one"), "Plan": plan(5), "Document": document("one")}, Outputs=outputs
    )
    made = stack.outputs()
    assert made["Arn"].startswith(f"arn:aws:arc-region-switch::{account.id}:plan/switch:")
    assert made["Id"].startswith("EXT")
    stack.update(
        {"Drill": experiment("two"), "Plan": plan(9), "Document": document("two")}, Outputs=outputs
    )
    assert stack.outputs() == made, "changed in place"
    stack.delete()


def test_another_name_makes_another_plan(account: Account) -> None:
    stack = Stack(account)
    stack.create({"Plan": plan(5)})
    before = stack.id("Plan")
    stack.update({"Plan": plan(5, "other")})
    assert stack.id("Plan") != before


def test_the_functions_of_a_plan_take_a_region_out_and_bring_it_back(account: Account) -> None:
    """Our template's own functions, called as ARC calls them: in the Region that takes users."""
    for region in (HERE, THERE):
        _switch(account, region)
        _functions(account, region)
    assert _call(account, HERE, f"evacuate-{THERE}") == {"region": THERE, "switch": "ALARM"}
    assert _state(account, THERE) == "ALARM"
    refused = _call(account, THERE, f"evacuate-{HERE}")
    assert f"{THERE} is evacuated itself" in refused["errorMessage"]
    assert _state(account, HERE) != "ALARM"


def _functions(account: Account, region: str) -> None:
    draft = Draft(switch_functions.LAYER, settings(region_switch=RegionSwitch()))
    switch_functions.LAYER.fill(draft)
    alarm = ALARM.replace("111122223333", account.id).replace(HERE, region)
    key = f"arn:aws:kms:{region}:{account.id}:key/1"
    given = {"LogsKeyArn": key, "ServiceImpairedAlarmArn": alarm}
    parameters = {name: {"Type": "String", "Default": arn} for name, arn in given.items()}
    resources = json.loads(draft.template.to_json())["Resources"]
    Stack(account, region, "functions").create(resources, Parameters=parameters)


def _switch(account: Account, region: str) -> None:
    account.client("cloudwatch", region).put_metric_alarm(
        AlarmName="gtm-test-evacuated",
        Namespace="gtm-test/evacuation",
        MetricName="Evacuated",
        Dimensions=[{"Name": "Region", "Value": region}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        TreatMissingData="ignore",
    )


def _call(account: Account, region: str, purpose: str) -> dict[str, Any]:
    client = account.client("lambda", region)
    answer = client.invoke(FunctionName=f"gtm-test-{purpose}", Payload=b"{}")
    found: dict[str, Any] = json.loads(answer["Payload"].read())
    return found


def _state(account: Account, region: str) -> str:
    client = account.client("cloudwatch", region)
    (alarm,) = client.describe_alarms(AlarmNames=["gtm-test-evacuated"])["MetricAlarms"]
    return str(alarm["StateValue"])
