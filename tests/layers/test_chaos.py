"""Chaos: experiments that hit the platform only, end with the alarms that page, and undo all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from generator.layers import chaos, monitoring
from generator.layers.chaos import throttled_table
from generator.settings.regions import REGIONS
from generator.settings.rules_options import WITHOUT_FIS
from generator.settings.sections import Monitoring
from generator.settings.sections_options import Aurora, Chaos
from generator.settings.sections_stores import Cache, Database, ProvisionedCapacity
from tests.layers.alarming import of_type
from tests.layers.support import drafted, filled, over, settings
from tests.policies.grants import covers, rendered, statements

USUAL = settings(chaos=Chaos())
ALL = settings(chaos=Chaos(), aurora=Aurora())
STOPPING = {
    "LatencyCritical",
    "TargetErrorsCritical",
    "LoadBalancerErrorsCritical",
    "NoRequestsCritical",
    "HealthyHostsCritical",
}


def experiments(chosen: Any = USUAL) -> dict[str, dict[str, Any]]:
    return of_type(filled(chaos.LAYER, chosen), "AWS::FIS::ExperimentTemplate")


def action(experiment: str, name: str, chosen: Any = ALL) -> dict[str, Any]:
    found: dict[str, Any] = experiments(chosen)[experiment]["Actions"][name]
    return found


def test_it_is_wanted_only_where_settings_have_chaos() -> None:
    assert chaos.LAYER.wanted(USUAL)
    assert not chaos.LAYER.wanted(settings())


def test_there_are_the_four_experiments() -> None:
    assert set(experiments()) == {
        "ZonePower",
        "RegionConnectivity",
        "ThrottledTable",
        "StoppedInstances",
    }


def test_one_region_has_no_other_to_lose() -> None:
    assert "RegionConnectivity" not in experiments(over("eu-west-1", chaos=Chaos()))


def test_provisioned_tables_are_not_throttled() -> None:
    provisioned = Database(provisioned=ProvisionedCapacity())
    chosen = settings(chaos=Chaos(), database=provisioned)
    assert "ThrottledTable" not in experiments(chosen)
    assert not of_type(filled(chaos.LAYER, chosen), "AWS::SSM::Document")


@pytest.mark.parametrize("region", sorted(REGIONS))
def test_settings_know_where_cloudformation_has_no_experiments(region: str) -> None:
    schema = Path(cfnlint.__file__).parent / "data" / "schemas" / "providers" / f"{region}.json"
    if schema.exists():
        known = "AWS::FIS::ExperimentTemplate" in json.loads(schema.read_text(encoding="utf-8"))
        assert known is (region not in WITHOUT_FIS)


# --- what ends it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("title", sorted(experiments(ALL)))
def test_each_alarm_that_makes_the_service_impaired_stops_it(title: str) -> None:
    conditions = experiments(ALL)[title]["StopConditions"]
    assert {one["Source"] for one in conditions} == {"aws:cloudwatch:alarm"}
    assert {one["Value"]["Ref"] for one in conditions} == {f"{each}Arn" for each in _offered()}
    assert len(conditions) <= 5, "an experiment template has five at most"


def _offered() -> set[str]:
    return {f"{title}Alarm" for title in STOPPING}


@pytest.mark.parametrize("chosen", [USUAL, over("eu-west-1", domain=None, chaos=Chaos())])
def test_they_are_the_very_alarms_that_page(chosen: Any) -> None:
    template = filled(monitoring.LAYER, chosen)
    rule = of_type(template, "AWS::CloudWatch::CompositeAlarm")["ServiceImpaired"]["AlarmRule"]
    offered = [offer.name.removesuffix("AlarmArn") for offer in monitoring.symptom_alarms(chosen)]
    assert [f'ALARM("${{{title}}}")' for title in offered] == rule["Fn::Sub"].split(" OR ")
    assert {f"{title}AlarmArn" for title in offered} <= set(
        drafted(monitoring.LAYER, chosen).offers
    )


def test_a_fault_lasts_as_long_as_an_operator_says() -> None:
    tunable = drafted(chaos.LAYER, settings(chaos=Chaos(minutes=7))).tunables["ChaosMinutes"]
    assert tunable.default == 7
    lasting = {"Fn::Sub": ["PT${Minutes}M", {"Minutes": {"Ref": "ChaosMinutes"}}]}
    stopped = action("ZonePower", "StopInstances")["Parameters"]["startInstancesAfterDuration"]
    assert stopped == lasting
    for name in ("PauseLaunches", "CutOffSubnets", "InterruptCache"):
        assert action("ZonePower", name)["Parameters"]["duration"] == lasting


# --- an Availability Zone -------------------------------------------------------------------------


def test_a_zone_loses_all_that_the_platform_has_in_it() -> None:
    actions = experiments(ALL)["ZonePower"]["Actions"]
    assert {where_all_is(each)["ActionId"] for each in actions.values()} == {
        "aws:ec2:stop-instances",
        "aws:ec2:asg-insufficient-instance-capacity-error",
        "aws:network:disrupt-connectivity",
        "aws:elasticache:replicationgroup-interrupt-az-power",
        "aws:rds:failover-db-cluster",
    }


def where_all_is(part: dict[str, Any]) -> dict[str, Any]:
    """A part of an experiment in the home Region, which has everything."""
    found: dict[str, Any] = part["Fn::If"][1] if "Fn::If" in part else part
    return found


def test_the_database_fails_over_at_home_only_for_other_regions_have_no_writer() -> None:
    """What fails there would end the whole experiment."""
    template = filled(chaos.LAYER, ALL)
    assert template["Conditions"] == {
        "IsHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, ALL.home_region]}
    }
    zone = experiments(ALL)["ZonePower"]
    for part in (zone["Actions"]["FailOverDatabase"], zone["Targets"]["Database"]):
        condition, _, elsewhere = part["Fn::If"]
        assert (condition, elsewhere) == ("IsHome", {"Ref": "AWS::NoValue"})


def test_a_database_of_one_instance_has_nobody_to_fail_over_to() -> None:
    alone = settings(chaos=Chaos(), aurora=Aurora(instances=1))
    zone = experiments(alone)["ZonePower"]
    assert "FailOverDatabase" not in zone["Actions"]
    assert "Database" not in zone["Targets"]
    assert not granting("ZonePowerRole", "rds:FailoverDBCluster", alone)


def test_what_the_platform_has_not_is_left_out() -> None:
    single = settings(chaos=Chaos(), cache=Cache(replicas_per_shard=0))
    assert set(experiments(single)["ZonePower"]["Actions"]) == {
        "StopInstances",
        "PauseLaunches",
        "CutOffSubnets",
    }


def test_the_zone_is_a_place_in_the_network_and_the_first_by_default() -> None:
    tunable = drafted(chaos.LAYER, USUAL).tunables["ChaosZone"]
    assert (tunable.default, tunable.choices) == ("1", ("1", "2", "3"))
    mapping = filled(chaos.LAYER, USUAL)["Mappings"]["ZonePlaces"]
    assert mapping == {"1": {"Place": "0"}, "2": {"Place": "1"}, "3": {"Place": "2"}}
    place = {"Fn::FindInMap": ["ZonePlaces", {"Ref": "ChaosZone"}, "Place"]}
    zone = {"Fn::Select": [place, {"Fn::GetAZs": ""}]}
    targets = experiments(ALL)["ZonePower"]["Targets"]
    assert {"Path": "Placement.AvailabilityZone", "Values": [zone]} in targets["Instances"][
        "Filters"
    ]
    assert targets["Cache"]["Parameters"] == {"availabilityZoneIdentifier": zone}
    database = where_all_is(targets["Database"])
    assert database["Parameters"] == {"writerAvailabilityZoneIdentifiers": zone}
    tiers = [arn["Fn::Sub"][1]["Subnet"] for arn in targets["Subnets"]["ResourceArns"]]
    assert tiers == [
        {"Fn::Select": [place, {"Ref": f"{tier}SubnetIds"}]}
        for tier in ("Public", "Private", "Data")
    ]


def test_stopped_instances_are_the_groups_own_and_come_back_or_are_replaced() -> None:
    for title in ("ZonePower", "StoppedInstances"):
        target = experiments()[title]["Targets"]["Instances"]
        assert target["ResourceTags"] == {"Platform": "gtm-test", "Name": "gtm-test-service"}
        assert {"Path": "State.Name", "Values": ["running"]} in target["Filters"]
        parameters = action(title, "StopInstances", USUAL)["Parameters"]
        assert parameters["completeIfInstancesTerminated"] == "true"


def test_a_share_of_the_instances_stops() -> None:
    mode = experiments()["StoppedInstances"]["Targets"]["Instances"]["SelectionMode"]
    assert mode == {
        "Fn::Sub": ["PERCENT(${Percent})", {"Percent": {"Ref": "ChaosInstancesPercent"}}]
    }


# --- another Region -------------------------------------------------------------------------------


def test_the_next_region_cannot_be_reached_and_tables_are_not_replicated() -> None:
    isolate = action("RegionConnectivity", "IsolateInstances", USUAL)
    assert isolate["Parameters"]["region"] == {"Ref": "ChaosIsolatedRegion"}
    tunable = drafted(chaos.LAYER, USUAL).tunables["ChaosIsolatedRegion"]
    for region in USUAL.region_names:
        assert tunable.value_in(region) != region
    tables = experiments()["RegionConnectivity"]["Targets"]["Tables"]["ResourceArns"]
    assert [rendered(arn).split("/")[1] for arn in tables] == [
        "gtm-test-sessions",
        "gtm-test-ranking",
    ]


def test_only_private_subnets_are_isolated() -> None:
    """FIS takes six subnets, and nothing asks from the others."""
    subnets = experiments()["RegionConnectivity"]["Targets"]["Subnets"]["ResourceArns"]
    assert {arn["Fn::Sub"][1]["Subnet"]["Fn::Select"][1]["Ref"] for arn in subnets} == {
        "PrivateSubnetIds"
    }
    assert len(subnets) == USUAL.zones <= 6


# --- a table --------------------------------------------------------------------------------------


def document(chosen: Any = USUAL) -> dict[str, Any]:
    found: dict[str, Any] = filled(chaos.LAYER, chosen)["Resources"]["ThrottleTable"]["Properties"]
    return found


def steps(chosen: Any = USUAL) -> dict[str, dict[str, Any]]:
    return {step["name"]: step for step in document(chosen)["Content"]["mainSteps"]}


def test_the_experiment_starts_our_document_with_a_table_of_ours() -> None:
    parameters = action("ThrottledTable", "ThrottleReads", USUAL)["Parameters"]
    assert rendered(parameters["documentArn"]).endswith(":document/gtm-test-throttle-table")
    assert document()["Name"] == "gtm-test-throttle-table"
    told = json.loads(rendered(parameters["documentParameters"]))
    assert told == {
        "Table": "gtm-test-ChaosTable",
        "Duration": "PTChaosMinutesM",
        "Units": "ChaosReadUnits",
    }
    assert set(told) == set(document()["Content"]["parameters"])
    allowed = document()["Content"]["parameters"]["Table"]["allowedValues"]
    assert allowed == ["gtm-test-sessions", "gtm-test-ranking"]


def test_reads_of_this_regions_replica_are_limited_and_no_others() -> None:
    """The maximum of writes is the same in every replica."""
    lowered = steps()["Lower"]["inputs"]
    assert "OnDemandThroughput" not in lowered
    assert lowered["ReplicaUpdates"] == [
        {
            "Update": {
                "RegionName": "{{ global:REGION }}",
                "OnDemandThroughputOverride": {"MaxReadRequestUnits": "{{ Units }}"},
            }
        }
    ]


def test_a_table_in_one_region_is_limited_itself() -> None:
    single = steps(over("eu-west-1", chaos=Chaos()))
    assert single["Lower"]["inputs"]["OnDemandThroughput"] == {"MaxReadRequestUnits": "{{ Units }}"}
    assert single["GiveBack"]["inputs"]["OnDemandThroughput"] == {"MaxReadRequestUnits": -1}


@pytest.mark.parametrize("step", ["Lower", "Hold"])
@pytest.mark.parametrize("event", ["onFailure", "onCancel"])
def test_whatever_happens_the_maximum_is_taken_away_again(step: str, event: str) -> None:
    assert steps()[step][event] == "step:Settle"
    assert steps()["Settle"][event] == "step:GiveBack"
    assert list(steps()) == ["Lower", "Hold", "Settle", "GiveBack"]


def test_a_replica_is_given_the_default_quota_since_its_override_cannot_be_removed() -> None:
    (change,) = steps()["GiveBack"]["inputs"]["ReplicaUpdates"]
    maximum = {"MaxReadRequestUnits": throttled_table.QUOTA}
    assert change["Update"]["OnDemandThroughputOverride"] == maximum


@pytest.mark.parametrize("chosen", [USUAL, over("eu-west-1", chaos=Chaos())])
def test_a_step_that_ends_the_document_leads_nowhere(chosen: Any) -> None:
    """`isEnd` ends it whether the step succeeds or fails: another step would never be reached."""
    ends = {name for name, step in steps(chosen).items() if step.get("isEnd")}
    leads = {
        name
        for name, step in steps(chosen).items()
        if step.get("onFailure", "").startswith("step:")
    }
    assert ends
    assert not ends & leads


def test_giving_back_is_tried_again_within_the_two_minutes_of_a_cancelled_automation() -> None:
    """A table that is still being changed refuses the next change."""
    giving = steps()["GiveBack"]
    assert giving["maxAttempts"] > 1
    waiting = steps()["Settle"]["timeoutSeconds"]
    assert waiting + giving["maxAttempts"] * giving["timeoutSeconds"] < 120


# --- rights ---------------------------------------------------------------------------------------


def roles(chosen: Any = ALL) -> dict[str, dict[str, Any]]:
    resources = filled(chaos.LAYER, chosen)["Resources"]
    return {name: each for name, each in resources.items() if each["Type"] == "AWS::IAM::Role"}


def test_each_experiment_has_a_role_of_its_own() -> None:
    used = [each["RoleArn"]["Fn::GetAtt"][0] for each in experiments(ALL).values()]
    assert sorted(used) == sorted(roles())


@pytest.mark.parametrize("title", sorted(roles()))
def test_a_role_is_for_experiments_of_this_account_and_region(title: str) -> None:
    (statement,) = rendered(roles()[title]["Properties"]["AssumeRolePolicyDocument"])["Statement"]
    assert statement["Principal"] == {"Service": "fis.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111122223333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:fis:eu-west-1:111122223333:experiment/*"},
    }


def test_only_the_platforms_instances_can_be_stopped() -> None:
    for title in ("ZonePowerRole", "StoppedInstancesRole"):
        (stopping,) = granting(title, "ec2:StopInstances")
        assert stopping["Condition"] == {"StringEquals": {"ec2:ResourceTag/Platform": "gtm-test"}}


def test_only_the_groups_launches_can_fail() -> None:
    (injecting,) = granting("ZonePowerRole", "ec2:InjectApiError")
    assert injecting["Condition"]["ForAllValues:ArnEquals"] == {
        "ec2:FisTargetArns": ["AutoScalingGroupArn"]
    }


@pytest.mark.parametrize(
    ("title", "action"),
    [
        ("ZonePowerRole", "ec2:DeleteNetworkAcl"),
        ("RegionConnectivityRole", "ec2:DeleteRouteTable"),
        ("RegionConnectivityRole", "ec2:CreateRoute"),
    ],
)
def test_fis_changes_only_what_it_made(title: str, action: str) -> None:
    (changing,) = granting(title, action)
    assert changing["Condition"] == {"StringEquals": {"aws:ResourceTag/managedByFIS": "true"}}


def test_tables_are_the_platforms_own() -> None:
    for title, action in (
        ("RegionConnectivityRole", "dynamodb:PutResourcePolicy"),
        ("ThrottledTableRole", "dynamodb:UpdateTable"),
    ):
        (changing,) = granting(title, action)
        assert all("table/gtm-test-" in arn for arn in changing["Resource"])


def test_errors_of_strong_tables_are_injected_only_where_they_are_strong() -> None:
    strong = settings(chaos=Chaos(), database=Database(consistency="strong"))
    assert granting("RegionConnectivityRole", "dynamodb:InjectError", strong)
    assert not granting("RegionConnectivityRole", "dynamodb:InjectError")


def granting(title: str, action: str, chosen: Any = ALL) -> list[dict[str, Any]]:
    return [s for s in statements(roles(chosen)[title]) if covers(s["Action"], action)]


def test_no_role_knows_another_experiments_fault() -> None:
    assert not granting("StoppedInstancesRole", "ec2:CreateRouteTable")
    assert not granting("ThrottledTableRole", "ec2:StopInstances")
    assert not granting("RegionConnectivityRole", "dynamodb:UpdateTable")


# --- what is left of it ---------------------------------------------------------------------------


def test_what_was_done_is_logged_under_the_regions_key() -> None:
    (log,) = of_type(filled(chaos.LAYER, USUAL), "AWS::Logs::LogGroup").values()
    assert log["KmsKeyId"] == {"Ref": "LogsKeyArn"}
    for experiment in experiments().values():
        destination = experiment["LogConfiguration"]["CloudWatchLogsConfiguration"]
        assert destination == {"LogGroupArn": {"Fn::GetAtt": ["ExperimentLogs", "Arn"]}}


def test_monitoring_may_be_tuned_without_changing_what_stops() -> None:
    tuned = settings(chaos=Chaos(), monitoring=Monitoring(latency_warning_seconds=3))
    assert experiments(tuned)["ZonePower"] == experiments()["ZonePower"]
