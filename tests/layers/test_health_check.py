"""08 health check: what takes a Region out of DNS, and how it is routed."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import health_check
from generator.layers.draft import Draft, Scope
from tests.layers.support import filled, settings

POLICIES = {"Region", "Weight", "Failover", "GeoLocation"}
GEOGRAPHY = [
    {"name": "ap-northeast-2", "continents": ["AS"]},
    {"name": "us-east-1", "continents": ["NA", "SA"]},
    {"name": "eu-west-1", "continents": ["EU"]},
]
TWO = [{"name": "ap-northeast-2"}, {"name": "us-east-1"}]


def template(routing: str = "latency", **changes: Any) -> dict[str, Any]:
    domain = {"name": "example.com", "routing": routing, "check_interval_seconds": 30}
    return filled(health_check.LAYER, settings(**{"domain": domain, **changes}))


def properties(title: str, made: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (made or template())["Resources"][title]["Properties"]
    return found


def check(title: str) -> dict[str, Any]:
    found: dict[str, Any] = properties(title)["HealthCheckConfig"]
    return found


def records(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = made["Resources"].items()
    return {
        title: resource["Properties"]
        for title, resource in found
        if resource["Type"] == "AWS::Route53::RecordSet"
    }


def test_it_is_a_stack_set_over_the_regions_after_their_load_balancers() -> None:
    assert health_check.LAYER.scope is Scope.WORKLOAD
    assert "regional" in health_check.LAYER.after
    assert not health_check.LAYER.wanted(settings(domain=None))


# --- checks ---------------------------------------------------------------------------------------


def test_the_endpoint_check_asks_the_regions_own_name_and_not_the_routed_one() -> None:
    endpoint = check("EndpointCheck")
    assert endpoint["Type"] == "HTTPS"
    name = endpoint["FullyQualifiedDomainName"]
    assert name == {"Fn::Sub": "${AWS::Region}.origin.example.com"}
    assert endpoint["ResourcePath"] == "/healthz"  # which needs no secret header
    assert endpoint["EnableSNI"] is True


def test_interval_and_failures_come_from_settings_and_failures_are_tunable() -> None:
    endpoint = check("EndpointCheck")
    assert endpoint["RequestInterval"] == 30
    assert endpoint["FailureThreshold"] == {"Ref": "HealthCheckFailures"}
    draft = Draft(health_check.LAYER, settings(domain={"name": "example.com", "check_failures": 5}))
    health_check.fill(draft)
    assert draft.tunables["HealthCheckFailures"].default == 5


def test_the_switch_is_a_metric_of_one_region_that_rings_at_one() -> None:
    alarm = properties("EvacuationSwitch")
    assert alarm["AlarmName"] == "gtm-test-evacuated"
    assert (alarm["Namespace"], alarm["MetricName"]) == ("gtm-test/evacuation", "Evacuated")
    assert alarm["Dimensions"] == [{"Name": "Region", "Value": {"Ref": "AWS::Region"}}]
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 60)


def test_the_switch_uses_only_what_route_53_reads_of_an_alarm() -> None:
    """Standard resolution, a plain statistic, no M of N, no metric math, nothing tunable."""
    alarm = properties("EvacuationSwitch")
    assert alarm["Period"] % 60 == 0
    assert alarm["Statistic"] in {"Average", "Minimum", "Maximum", "Sum", "SampleCount"}
    assert not {"DatapointsToAlarm", "Metrics", "ExtendedStatistic"} & set(alarm)


def test_the_switch_stays_as_it_was_set() -> None:
    """Alarm and check agree on it; Route 53 does not read the alarm's own answer to silence."""
    assert properties("EvacuationSwitch")["TreatMissingData"] == "ignore"
    assert check("SwitchCheck")["InsufficientDataHealthStatus"] == "LastKnownStatus"


def test_somebody_is_told_when_a_region_leaves_and_when_it_returns() -> None:
    alarm = properties("EvacuationSwitch")
    (action,) = alarm["AlarmActions"]
    assert action["Fn::Sub"].endswith(":gtm-test-critical")
    assert alarm["OKActions"] == alarm["AlarmActions"]
    assert "evacuated" in alarm["AlarmDescription"]


def test_the_regions_check_is_healthy_while_both_others_are() -> None:
    region = check("RegionCheck")
    assert region["Type"] == "CALCULATED"
    assert region["ChildHealthChecks"] == [{"Ref": "EndpointCheck"}, {"Ref": "SwitchCheck"}]
    assert region["HealthThreshold"] == 2


def test_global_checks_say_in_the_console_whose_they_are() -> None:
    (tag,) = properties("SwitchCheck")["HealthCheckTags"]
    assert tag == {"Key": "Name", "Value": {"Fn::Sub": "gtm-test-${AWS::Region}-switch"}}


# --- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize("routing", ["latency", "weighted", "failover", "geolocation"])
def test_records_have_one_policy_know_their_health_and_have_no_ttl(routing: str) -> None:
    made = template(routing, regions=TWO if routing == "failover" else GEOGRAPHY)
    for record in records(made).values():
        assert len(POLICIES & set(record)) == 1
        assert record["SetIdentifier"]
        assert record["AliasTarget"]["EvaluateTargetHealth"] is True
        assert "TTL" not in record


def test_the_record_is_an_alias_of_the_regions_own_name_under_its_check() -> None:
    record = properties("OriginRecord")
    assert record["Name"] == "origin.example.com"
    name = {"Fn::Sub": "${AWS::Region}.origin.example.com"}
    assert record["AliasTarget"]["DNSName"] == name
    assert record["AliasTarget"]["HostedZoneId"] == record["HostedZoneId"]
    assert record["HealthCheckId"] == {"Ref": "RegionCheck"}


def test_without_an_edge_it_is_the_apex_that_is_routed() -> None:
    assert properties("OriginRecord", template(edge={"enabled": False}))["Name"] == "example.com"


def test_latency_is_that_of_the_region() -> None:
    assert properties("OriginRecord")["Region"] == {"Ref": "AWS::Region"}


def test_weights_are_looked_up_by_region() -> None:
    made = template("weighted", regions=[{"name": "ap-northeast-2", "weight": 10}, *TWO[1:]])
    weight = properties("OriginRecord", made)["Weight"]
    assert weight == {"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "Weight"]}
    regions = {"ap-northeast-2": {"Weight": "10"}, "us-east-1": {"Weight": "100"}}
    assert made["Mappings"]["Regions"] == regions


def test_failover_prefers_home() -> None:
    made = template("failover", regions=TWO)
    failover = properties("OriginRecord", made)["Failover"]
    assert failover == {"Fn::If": ["IsHome", "PRIMARY", "SECONDARY"]}
    home = {"Fn::Equals": [{"Ref": "AWS::Region"}, "ap-northeast-2"]}
    assert made["Conditions"]["IsHome"] == home


def test_geolocation_has_a_record_a_continent_in_its_region_and_a_default_at_home() -> None:
    made = template("geolocation", regions=GEOGRAPHY)
    places = {
        title: record["GeoLocation"]
        for title, record in records(made).items()
        if "GeoLocation" in record
    }
    assert places == {
        "OriginRecordAS": {"ContinentCode": "AS"},
        "OriginRecordNA": {"ContinentCode": "NA"},
        "OriginRecordSA": {"ContinentCode": "SA"},
        "OriginRecordEU": {"ContinentCode": "EU"},
        "OriginRecordWorld": {"CountryCode": "*"},
    }
    serves = made["Resources"]["OriginRecordSA"]["Condition"]
    assert made["Conditions"][serves]["Fn::Equals"][1] == "us-east-1"
    assert made["Resources"]["OriginRecordWorld"]["Condition"] == "IsHome"


def test_the_rest_of_the_world_survives_the_loss_of_home() -> None:
    """Weight 0 answers only where all others are unhealthy."""
    made = template("geolocation", regions=GEOGRAPHY)
    rest = properties("RestRecord", made)
    assert rest["Weight"] == {"Fn::If": ["IsHome", 1, 0]}
    assert rest["HealthCheckId"] == {"Ref": "RegionCheck"}
    assert "Condition" not in made["Resources"]["RestRecord"]
    world = made["Resources"]["OriginRecordWorld"]
    assert world["Properties"]["AliasTarget"]["DNSName"] == rest["Name"]
    assert world["DependsOn"] == "RestRecord"
