"""Health checks and groups of records, as Route 53 answers them."""

from __future__ import annotations

from typing import Any

from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, ref, resource


def check(kind: str, **settings: Any) -> dict[str, Any]:
    """A health check."""
    return resource("Route53::HealthCheck", HealthCheckConfig={"Type": kind, **settings})


def test_health_checks(account: Account) -> None:
    stack = Stack(account)

    def checks(failures: str) -> dict[str, Any]:
        host = {"FullyQualifiedDomainName": "www.example.com", "RequestInterval": 10}
        endpoint = check("HTTPS", **host, FailureThreshold=failures, EnableSNI=True)
        both = check("CALCULATED", ChildHealthChecks=[ref("Endpoint")], HealthThreshold=1)
        return {"Endpoint": endpoint, "Both": both}

    stack.create(checks("3"))
    route53 = stack.client("route53")
    before = stack.id("Endpoint")

    def configuration(logical_id: str) -> dict[str, Any]:
        found = route53.get_health_check(HealthCheckId=stack.id(logical_id))
        return dict(found["HealthCheck"]["HealthCheckConfig"])

    assert configuration("Endpoint")["FailureThreshold"] == 3
    assert configuration("Both")["ChildHealthChecks"] == [before]
    assert configuration("Endpoint")["EnableSNI"] is True
    stack.update(checks("2"))
    assert (stack.id("Endpoint"), configuration("Endpoint")["FailureThreshold"]) == (before, 2)
    stack.delete()
    assert route53.list_health_checks()["HealthChecks"] == []


def test_a_calculated_check_of_nothing_is_refused(account: Account) -> None:
    stack = Stack(account)
    orphan = check("CALCULATED", ChildHealthChecks=["0" * 36], HealthThreshold=1)
    assert stack.try_create({"Both": orphan}) == "ROLLBACK_COMPLETE"
    assert "No health check exists" in stack.reasons()[0]


def test_a_group_of_records(account: Account) -> None:
    stack = Stack(account)
    zone = {"Zone": resource("Route53::HostedZone", Name="example.com")}

    def records(*addresses: str) -> dict[str, Any]:
        sets = [
            {"Name": f"{n}.example.com", "Type": "A", "TTL": "60", "ResourceRecords": [address]}
            for n, address in enumerate(addresses)
        ]
        group = resource("Route53::RecordSetGroup", HostedZoneId=ref("Zone"), RecordSets=sets)
        return zone | {"Records": group}

    def found() -> dict[str, str]:
        listed = stack.client("route53").list_resource_record_sets(HostedZoneId=stack.id("Zone"))
        addresses = [each for each in listed["ResourceRecordSets"] if each["Type"] == "A"]
        return {each["Name"]: each["ResourceRecords"][0]["Value"] for each in addresses}

    stack.create(records("192.0.2.1", "192.0.2.2"))
    assert found() == {"0.example.com.": "192.0.2.1", "1.example.com.": "192.0.2.2"}
    stack.update(records("192.0.2.9"))
    assert found() == {"0.example.com.": "192.0.2.9"}
    stack.update(zone)
    assert found() == {}


def test_records_of_a_zone_that_is_not_there_are_refused(account: Account) -> None:
    stack = Stack(account)
    lost = {"HostedZoneId": "Z0123456789", "Name": "www.example.com", "Type": "A"}
    record = resource("Route53::RecordSet", **lost, TTL="60", ResourceRecords=["192.0.2.1"])
    assert stack.try_create({"Record": record}) == "ROLLBACK_COMPLETE"
    assert "Z0123456789" in stack.reasons()[0]
