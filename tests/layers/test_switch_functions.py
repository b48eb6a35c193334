"""Functions of Region switch plans: one way back, a way out for each Region, nothing else."""

from __future__ import annotations

from typing import Any

from generator.layers import switch_functions
from generator.settings.sections_options import Aurora, RegionSwitch
from tests.layers.alarming import of_type
from tests.layers.support import REGIONS, filled, settings
from tests.policies.grants import covers, rendered, statements

USUAL = settings(region_switch=RegionSwitch())


def template() -> dict[str, Any]:
    return filled(switch_functions.LAYER, USUAL)


def functions() -> dict[str, dict[str, Any]]:
    found = of_type(template(), "AWS::Lambda::Function").values()
    return {each["FunctionName"]: each for each in found}


def test_they_are_wanted_only_where_there_are_plans() -> None:
    assert switch_functions.LAYER.wanted(USUAL)
    assert not switch_functions.LAYER.wanted(settings())


def test_there_is_a_way_back_and_a_way_out_for_each_region() -> None:
    assert set(functions()) == {"gtm-test-restore"} | {f"gtm-test-evacuate-{r}" for r in REGIONS}


def test_each_does_one_thing() -> None:
    variables = {n: f["Environment"]["Variables"] for n, f in functions().items()}
    assert "EVACUATED_REGION" not in variables["gtm-test-restore"]
    for region in REGIONS:
        assert variables[f"gtm-test-evacuate-{region}"]["EVACUATED_REGION"] == region


def test_they_set_the_switch_that_health_checks_read() -> None:
    for each in functions().values():
        variables = each["Environment"]["Variables"]
        assert variables["SWITCH_NAMESPACE"] == "gtm-test/evacuation"
        assert variables["SWITCH_METRIC"] == "Evacuated"
        assert variables["SWITCH_ALARM"] == "gtm-test-evacuated"


def test_a_function_has_longer_than_it_waits() -> None:
    source = next(iter(functions().values()))["Code"]["ZipFile"]
    waits = next(line for line in source.splitlines() if line.startswith("WAIT_SECONDS"))
    assert int(waits.split(" = ")[1]) < switch_functions.TIMEOUT_SECONDS


def test_they_write_one_metric_and_read_alarms() -> None:
    role = template()["Resources"]["SwitchRole"]
    (writing,) = (s for s in statements(role) if covers(s["Action"], "cloudwatch:PutMetricData"))
    assert writing["Condition"] == {"StringEquals": {"cloudwatch:namespace": "gtm-test/evacuation"}}
    services = {action.split(":")[0] for s in statements(role) for action in s["Action"]}
    assert services == {"cloudwatch", "logs"}


def test_they_ask_where_the_database_takes_writes_only_where_there_is_one() -> None:
    assert not any("GLOBAL_DATABASE" in f["Environment"]["Variables"] for f in functions().values())
    made = filled(switch_functions.LAYER, settings(region_switch=RegionSwitch(), aurora=Aurora()))
    for each in of_type(made, "AWS::Lambda::Function").values():
        assert each["Environment"]["Variables"]["GLOBAL_DATABASE"] == "gtm-test-aurora"
    (asking,) = (
        s
        for s in statements(made["Resources"]["SwitchRole"])
        if covers(s["Action"], "rds:DescribeGlobalClusters")
    )
    assert asking["Resource"] == ["arn:aws:rds::111122223333:global-cluster:gtm-test-aurora"]


def test_their_logs_are_under_the_regions_key() -> None:
    (log,) = of_type(template(), "AWS::Logs::LogGroup").values()
    assert log["KmsKeyId"] == {"Ref": "LogsKeyArn"}
    groups = {rendered(each["LoggingConfig"]["LogGroup"]) for each in functions().values()}
    assert groups == {"SwitchLogs"}
