"""prod over three Regions, from nothing to done, seen through each service's own API.

What the emulator does not do is not claimed from it: health of targets, alarms, answers of DNS.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account

REGIONS = ("ap-northeast-2", "us-east-1", "eu-west-1")
HOME = REGIONS[0]
every_region = pytest.mark.parametrize("region", REGIONS)


@pytest.fixture(scope="module")
def platform(sandbox: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """prod, deployed once for all the tests of this page."""
    account = Account(sandbox, str(next(_accounts)))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account.environment().items():
            patch.setenv(name, value)
        Deployer(tmp_path_factory.mktemp("checkout")).deploy(prod())
        yield account


_accounts = count(400_000_000_001)


def named(entries: list[dict[str, Any]], key: str) -> list[str]:
    """One field of each."""
    return [str(entry[key]) for entry in entries]


def vpc_of(account: Account, region: str) -> str:
    """Id of the Region's own VPC: not the default one."""
    (vpc,) = account.client("ec2", region).describe_vpcs(
        Filters=[{"Name": "is-default", "Values": ["false"]}]
    )["Vpcs"]
    return str(vpc["VpcId"])


@every_region
def test_network(platform: Account, region: str) -> None:
    client = platform.client("ec2", region)
    inside = [{"Name": "vpc-id", "Values": [vpc_of(platform, region)]}]
    subnets = client.describe_subnets(Filters=inside)["Subnets"]
    assert len(subnets) == 9
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    assert len(client.describe_nat_gateways(Filters=inside)["NatGateways"]) == 3
    endpoints = client.describe_vpc_endpoints(Filters=inside)["VpcEndpoints"]
    assert {e["ServiceName"].rpartition(".")[2] for e in endpoints} >= {"s3", "dynamodb"}


@every_region
def test_security_group_rules(platform: Account, region: str) -> None:
    client = platform.client("ec2", region)
    inside = [{"Name": "vpc-id", "Values": [vpc_of(platform, region)]}]
    groups = client.describe_security_groups(Filters=inside)["SecurityGroups"]
    by_id = {group["GroupId"]: group for group in groups}
    opened = [
        (by_id[group_id]["Description"], permission)
        for group_id in by_id
        for permission in by_id[group_id]["IpPermissions"]
    ]
    assert opened
    everybody = [d for d, p in opened for r in p.get("IpRanges", []) if r["CidrIp"] == "0.0.0.0/0"]
    assert everybody == [], "the load balancer is CloudFront's and Route 53's only"
    prefix_lists = [p["PrefixListIds"] for _, p in opened if p.get("PrefixListIds")]
    assert len(prefix_lists) == 2
    (default,) = [group for group in groups if group["GroupName"] == "default"]
    assert default["IpPermissions"] == default["IpPermissionsEgress"] == []


@every_region
def test_load_balancer_and_listeners(platform: Account, region: str) -> None:
    client = platform.client("elbv2", region)
    (balancer,) = client.describe_load_balancers()["LoadBalancers"]
    assert balancer["Scheme"] == "internet-facing"
    arn = balancer["LoadBalancerArn"]
    listeners = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert {(listener["Port"], listener["Protocol"]) for listener in listeners} == {
        (443, "HTTPS"),
        (80, "HTTP"),
    }
    (https,) = [listener for listener in listeners if listener["Port"] == 443]
    rules = client.describe_rules(ListenerArn=https["ListenerArn"])["Rules"]
    fields = {condition["Field"] for rule in rules for condition in rule["Conditions"]}
    assert "http-header" in fields, "without the origin's secret nobody gets through"


@every_region
def test_auto_scaling_group_with_instances(platform: Account, region: str) -> None:
    client = platform.client("autoscaling", region)
    (group,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert group["MinSize"] == 3
    assert group["MaxSize"] == (18 if region == "eu-west-1" else 24)
    ids = named(group["Instances"], "InstanceId")
    assert len(ids) == 3
    found = platform.client("ec2", region).describe_instances(InstanceIds=ids)["Reservations"]
    instances = [instance for reservation in found for instance in reservation["Instances"]]
    assert {instance["State"]["Name"] for instance in instances} == {"running"}
    policies = client.describe_policies()["ScalingPolicies"]
    assert {policy["PolicyType"] for policy in policies} == {"TargetTrackingScaling", "StepScaling"}
    actions = client.describe_scheduled_actions()["ScheduledUpdateGroupActions"]
    assert len(actions) >= 2


@every_region
def test_replication_group(platform: Account, region: str) -> None:
    client = platform.client("elasticache", region)
    (group,) = client.describe_replication_groups()["ReplicationGroups"]
    assert group["AtRestEncryptionEnabled"] is True
    assert group["TransitEncryptionEnabled"] is True
    assert group["AutomaticFailover"] == "enabled"


def test_what_is_written_in_one_region_is_read_in_the_others(platform: Account) -> None:
    item = {"session_id": {"S": "one"}, "user": {"S": "somebody"}}
    table = platform.client("dynamodb", HOME).describe_table(TableName="gtm-prod-sessions")
    keys = {k["AttributeName"] for k in table["Table"]["KeySchema"]}
    item = {**{key: {"S": "one"} for key in keys}, "user": {"S": "somebody"}}
    key = {name: {"S": "one"} for name in keys}
    platform.client("dynamodb", "eu-west-1").put_item(TableName="gtm-prod-sessions", Item=item)
    for region in REGIONS:
        client = platform.client("dynamodb", region)
        found = client.get_item(TableName="gtm-prod-sessions", Key=key, ConsistentRead=True)
        assert found["Item"] == item


def test_records_and_health_checks(platform: Account) -> None:
    client = platform.client("route53")
    (zone,) = client.list_hosted_zones()["HostedZones"]
    records = client.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    origins = [r for r in records if r["Name"] == "origin.example.com." and r["Type"] == "A"]
    assert {record["Region"] for record in origins} == set(REGIONS)
    checks = client.list_health_checks()["HealthChecks"]
    calculated = {c["Id"] for c in checks if c["HealthCheckConfig"]["Type"] == "CALCULATED"}
    assert {record["HealthCheckId"] for record in origins} == calculated
    assert len(checks) == 3 * len(REGIONS)
    apex = [r for r in records if r["Name"] == "example.com." and r["Type"] in ("A", "AAAA")]
    assert len(apex) == 2


@every_region
def test_dashboards_and_alarms_wired_to_topics(platform: Account, region: str) -> None:
    client = platform.client("cloudwatch", region)
    assert client.list_dashboards()["DashboardEntries"]
    described = client.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=100)
    alarms = [*described["MetricAlarms"], *described["CompositeAlarms"]]
    topics = set(named(platform.client("sns", region).list_topics()["Topics"], "TopicArn"))
    wired = {action for alarm in alarms for action in alarm["AlarmActions"] if ":sns:" in action}
    assert wired
    assert wired <= topics
    assert len(alarms) > 20


def test_the_edge(platform: Account) -> None:
    client = platform.client("cloudfront")
    (distribution,) = client.list_distributions()["DistributionList"]["Items"]
    assert set(distribution["Aliases"]["Items"]) >= {"example.com", "www.example.com"}
    acls = platform.client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    assert named(acls, "Name") == ["gtm-prod-edge"]


@every_region
def test_every_stack_is_protected(platform: Account, region: str) -> None:
    client = platform.client("cloudformation", region)
    pages = client.get_paginator("describe_stacks").paginate()
    own = [
        stack
        for page in pages
        for stack in page["Stacks"]
        if not stack.get("ParentId") and not stack["StackName"].startswith("StackSet-")
    ]
    assert own
    for stack in own:
        assert stack["EnableTerminationProtection"] is True
        policy = client.get_stack_policy(StackName=stack["StackName"])["StackPolicyBody"]
        assert "Update:Replace" in policy
