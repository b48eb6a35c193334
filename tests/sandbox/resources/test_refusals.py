"""What AWS refuses is refused: names that are taken, and deletions that would lose something."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.resources.network import subnets
from tests.sandbox.resources.stack import Stack, ref, resource

TRUST = {"Version": "2012-10-17", "Statement": []}
VISIBLE = {"CloudWatchMetricsEnabled": True, "MetricName": "m", "SampledRequestsEnabled": True}
PORT = {"Port": 80, "Protocol": "HTTP", "VpcId": "vpc-00000001"}
STATEMENT = '{"Version":"2012-10-17","Statement":[]}'

NAMED = {
    "BackupVault": resource("Backup::BackupVault", BackupVaultName="taken"),
    "Dashboard": resource("CloudWatch::Dashboard", DashboardName="taken", DashboardBody="{}"),
    "LaunchTemplate": resource(
        "EC2::LaunchTemplate", LaunchTemplateName="taken", LaunchTemplateData={"ImageId": "ami-1"}
    ),
    "TargetGroup": resource("ElasticLoadBalancingV2::TargetGroup", Name="taken", **PORT),
    "ManagedPolicy": resource(
        "IAM::ManagedPolicy", ManagedPolicyName="taken", PolicyDocument=STATEMENT
    ),
    "Role": resource("IAM::Role", RoleName="taken", AssumeRolePolicyDocument=TRUST),
    "LogGroup": resource("Logs::LogGroup", LogGroupName="taken"),
    "ResourcePolicy": resource(
        "Logs::ResourcePolicy", PolicyName="taken", PolicyDocument=STATEMENT
    ),
    "Topic": resource("SNS::Topic", TopicName="taken"),
    "Secret": resource("SecretsManager::Secret", Name="taken", SecretString="one"),
    "WebACL": resource(
        "WAFv2::WebACL",
        Name="taken",
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=VISIBLE,
    ),
}


@pytest.mark.parametrize("kind", NAMED)
def test_a_name_that_is_taken_is_refused(account: Account, kind: str) -> None:
    Stack(account, name="first").create({kind: NAMED[kind]})
    second = Stack(account, name="second")
    assert second.try_create({kind: NAMED[kind]}) == "ROLLBACK_COMPLETE"
    said = f"Resource of type '{NAMED[kind]['Type']}' with identifier 'taken' already exists."
    assert said in second.reasons()[0]
    assert "HandlerErrorCode: AlreadyExists" in second.reasons()[0]


def test_what_has_the_name_is_left_as_it_was(account: Account) -> None:
    first, second = Stack(account, name="first"), Stack(account, name="second")
    first.create({"Secret": NAMED["Secret"]})
    other = resource("SecretsManager::Secret", Name="taken", SecretString="two")
    assert second.try_create({"Secret": other}) == "ROLLBACK_COMPLETE"
    found = first.client("secretsmanager").get_secret_value(SecretId="taken")
    assert found["SecretString"] == "one"


def test_a_bucket_of_another_stack_is_refused(account: Account) -> None:
    bucket = {"Bucket": resource("S3::Bucket", BucketName=f"taken-{account.id}")}
    Stack(account, name="first").create(bucket)
    second = Stack(account, "us-east-1", "second")
    assert second.try_create(bucket) == "ROLLBACK_COMPLETE"


def load_balancer(protected: str) -> dict[str, Any]:
    """A load balancer in two subnets."""
    attribute = {"Key": "deletion_protection.enabled", "Value": protected}
    made = {"Subnets": [ref("Subnet1"), ref("Subnet2")], "LoadBalancerAttributes": [attribute]}
    balancer = resource("ElasticLoadBalancingV2::LoadBalancer", **made)
    return subnets("eu-west-1") | {"Balancer": balancer}


def test_a_load_balancer_in_one_zone_is_refused(account: Account) -> None:
    stack = Stack(account)
    resources = load_balancer("false")
    resources["Subnet2"]["Properties"]["AvailabilityZone"] = "eu-west-1a"
    assert stack.try_create(resources) == "ROLLBACK_COMPLETE"
    assert "two different Availability Zones" in stack.reasons()[0]


def test_a_protected_load_balancer_stays(account: Account) -> None:
    stack = Stack(account)
    stack.create(load_balancer("true"))
    elb, arn = stack.client("elbv2"), stack.id("Balancer")
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    assert found["VpcId"] == stack.id("Vpc")
    zones = {each["ZoneName"] for each in found["AvailabilityZones"]}
    assert zones == {"eu-west-1a", "eu-west-1b"}
    with pytest.raises(ClientError, match="deletion protection is enabled") as error:
        elb.delete_load_balancer(LoadBalancerArn=arn)
    assert error.value.response["Error"]["Code"] == "OperationNotPermitted"
    assert stack.try_delete() == "DELETE_FAILED"
    assert "deletion protection is enabled" in stack.reasons()[0]
    off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)
    stack.delete()
    assert elb.describe_load_balancers()["LoadBalancers"] == []


def test_what_a_rollback_could_not_delete_goes_with_the_stack(account: Account) -> None:
    stack = Stack(account)
    broken = resource("SNS::Topic", DisplayName="{{resolve:ssm:/there/is/none}}")
    resources = load_balancer("true") | {"Broken": broken | {"DependsOn": "Balancer"}}
    assert stack.try_create(resources) == "ROLLBACK_FAILED"
    elb = stack.client("elbv2")
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    assert stack.try_delete() == "DELETE_FAILED"
    off = [{"Key": "deletion_protection.enabled", "Value": "false"}]
    arn = found["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=off)
    stack.delete()
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    vpcs = stack.client("ec2").describe_vpcs()["Vpcs"]
    assert [each for each in vpcs if not each["IsDefault"]] == []


@pytest.mark.parametrize("versioned", [False, True], ids=["plain", "versioned"])
def test_a_bucket_with_content_stays(account: Account, versioned: bool) -> None:
    stack = Stack(account)
    settings: dict[str, Any] = {"VersioningConfiguration": {"Status": "Enabled"}}
    stack.create({"Bucket": resource("S3::Bucket", **settings if versioned else {})})
    s3, bucket = stack.client("s3"), stack.id("Bucket")
    s3.put_object(Bucket=bucket, Key="k", Body=b"kept")
    if versioned:
        s3.delete_object(Bucket=bucket, Key="k")
    assert stack.try_delete() == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in stack.reasons()[0]
    for kind in ("Versions", "DeleteMarkers"):
        for each in s3.list_object_versions(Bucket=bucket).get(kind, []):
            s3.delete_object(Bucket=bucket, Key="k", VersionId=each["VersionId"])
    stack.delete()


def test_a_hosted_zone_with_records_stays(account: Account) -> None:
    stack = Stack(account)
    stack.create({"Zone": resource("Route53::HostedZone", Name="example.com")})
    route53, zone = stack.client("route53"), stack.id("Zone")
    record = {"Name": "www.example.com", "Type": "A", "TTL": 60}
    record |= {"ResourceRecords": [{"Value": "192.0.2.1"}]}

    def change(action: str) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)

    change("CREATE")
    assert stack.try_delete() == "DELETE_FAILED"
    change("DELETE")
    stack.delete()


def test_a_certificate_needs_its_zone_and_is_issued(account: Account) -> None:
    stack = Stack(account)
    zone = {"Zone": resource("Route53::HostedZone", Name="example.com")}

    def certificate(identifier: Any) -> dict[str, Any]:
        option = {"DomainName": "example.com", "HostedZoneId": identifier}
        made = {"ValidationMethod": "DNS", "DomainValidationOptions": [option]}
        kind = "CertificateManager::Certificate"
        return {"Certificate": resource(kind, DomainName="example.com", **made)}

    lost = Stack(account, name="lost")
    assert lost.try_create(certificate("Z0123456789")) == "ROLLBACK_COMPLETE"
    assert "Z0123456789" in lost.reasons()[0]
    stack.create(zone | certificate(ref("Zone")))
    found = stack.client("acm").describe_certificate(CertificateArn=stack.id("Certificate"))
    assert found["Certificate"]["Status"] == "ISSUED"


def cache(shards: int, subnet: Any = None) -> dict[str, Any]:
    """A replication group in two subnets."""
    places = [ref("Subnet1"), subnet or ref("Subnet2")]
    group = {"Description": "d", "SubnetIds": places}
    settings = {"CacheNodeType": "cache.m7g.large", "Engine": "valkey", "NumNodeGroups": shards}
    settings |= {"ReplicasPerNodeGroup": 1, "ReplicationGroupDescription": "d"}
    settings["CacheSubnetGroupName"] = ref("Places")
    made = resource("ElastiCache::ReplicationGroup", **settings)
    return subnets("eu-west-1") | {
        "Places": resource("ElastiCache::SubnetGroup", **group),
        "Cache": made | {"DeletionPolicy": "Snapshot"},
    }


@pytest.mark.parametrize("shards", [1, 2, 3])
def test_a_cache_has_its_shards_and_leaves_a_snapshot(account: Account, shards: int) -> None:
    stack = Stack(account)
    stack.create(cache(shards))
    client, name = stack.client("elasticache"), stack.id("Cache")
    [group] = client.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"]
    assert [len(each["NodeGroupMembers"]) for each in group["NodeGroups"]] == [2] * shards
    second = "002" if shards == 1 else "0001-002"
    assert group["MemberClusters"][1] == f"{name}-{second}"
    assert len(group["MemberClusters"]) == 2 * shards
    stack.delete()
    assert client.describe_replication_groups()["ReplicationGroups"] == []
    [snapshot] = client.describe_snapshots()["Snapshots"]
    assert snapshot["ReplicationGroupId"] == name


def test_a_cache_in_no_subnet_is_refused(account: Account) -> None:
    stack = Stack(account)
    assert stack.try_create(cache(1, "subnet-0123456789abcdef0")) == "ROLLBACK_COMPLETE"
    assert "The requested subnet is invalid" in stack.reasons()[0]
