"""Types of services that have one or two here: made, seen, changed in place, gone."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, att, ref, resource, value

POLICY = {"Version": "2012-10-17", "Statement": []}
TRUST = {"Version": "2012-10-17", "Statement": []}


def refused(call: Any, **asked: Any) -> str:
    """The error code that a service answers."""
    with pytest.raises(ClientError) as error:
        call(**asked)
    return str(error.value.response["Error"]["Code"])


def test_a_replica_key(account: Account) -> None:
    home, there = Stack(account, "eu-west-1"), Stack(account, "us-east-1")
    key = resource("KMS::Key", KeyPolicy=POLICY, MultiRegion=True)
    home.create({"Key": key}, Outputs={"Arn": value(att("Key", "Arn"))})
    made = {"PrimaryKeyArn": home.outputs()["Arn"], "KeyPolicy": POLICY}
    there.create({"Key": resource("KMS::ReplicaKey", **made, Description="one")})
    kms, asked = there.client("kms"), {"KeyId": there.id("Key")}
    found = kms.describe_key(**asked)["KeyMetadata"]
    assert (found["KeyId"], found["Description"]) == (home.id("Key"), "one")
    assert found["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    secret = home.client("kms").encrypt(KeyId=home.id("Key"), Plaintext=b"one key")
    assert kms.decrypt(CiphertextBlob=secret["CiphertextBlob"])["Plaintext"] == b"one key"
    there.update({"Key": resource("KMS::ReplicaKey", **made, Description="two", Enabled=False)})
    found = kms.describe_key(**asked)["KeyMetadata"]
    assert (found["Description"], found["Enabled"]) == ("two", False)
    there.delete()
    assert kms.describe_key(**asked)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_delivery_of_logs(account: Account) -> None:
    stack = Stack(account, "us-east-1")
    group = f"arn:aws:logs:us-east-1:{account.id}:log-group:access"
    source = {"ResourceArn": f"arn:aws:cloudfront::{account.id}:distribution/E123"}
    source |= {"Name": "edge", "LogType": "ACCESS_LOGS"}
    ends = {
        "Source": resource("Logs::DeliverySource", **source),
        "Destination": resource(
            "Logs::DeliveryDestination", Name="edge", DestinationResourceArn=group
        ),
    }
    joined: dict[str, Any] = {"DeliverySourceName": ref("Source")}
    joined["DeliveryDestinationArn"] = att("Destination", "Arn")
    tags = [{"Key": "of", "Value": "edge"}]
    stack.create(ends | {"Delivery": resource("Logs::Delivery", **joined, RecordFields=["date"])})
    logs = stack.client("logs")
    delivery = logs.get_delivery(id=stack.id("Delivery"))["delivery"]
    assert (delivery["deliverySourceName"], delivery["recordFields"]) == ("edge", ["date"])
    stack.update(
        ends | {"Delivery": resource("Logs::Delivery", **joined, RecordFields=["date"], Tags=tags)}
    )
    assert logs.get_delivery(id=stack.id("Delivery"))["delivery"]["tags"]["of"] == "edge"
    identifier = stack.id("Delivery")
    stack.delete()
    assert refused(logs.get_delivery, id=identifier) == "ResourceNotFoundException"
    assert refused(logs.get_delivery_source, name="edge") == "ResourceNotFoundException"
    assert logs.describe_delivery_destinations()["deliveryDestinations"] == []


def test_a_topic_has_its_key(account: Account) -> None:
    stack = Stack(account)
    stack.create({"Topic": resource("SNS::Topic", KmsMasterKeyId="alias/one")})
    sns, asked = stack.client("sns"), {"TopicArn": stack.id("Topic")}
    assert sns.get_topic_attributes(**asked)["Attributes"]["KmsMasterKeyId"] == "alias/one"
    stack.update({"Topic": resource("SNS::Topic", KmsMasterKeyId="alias/two")})
    assert sns.get_topic_attributes(**asked)["Attributes"]["KmsMasterKeyId"] == "alias/two"


def test_a_cache_user_is_described(account: Account) -> None:
    stack = Stack(account)
    user = {"UserId": "app", "UserName": "app", "Engine": "valkey", "NoPasswordRequired": True}
    stack.create({"User": resource("ElastiCache::User", **user, AccessString="on ~* &* +@all")})
    found = stack.client("elasticache").describe_users(UserId="app")["Users"][0]
    assert found["AccessString"] == "on ~* &* +@all"


def test_logging_of_a_web_acl(account: Account) -> None:
    stack = Stack(account, "us-east-1")
    visible = {"CloudWatchMetricsEnabled": True, "MetricName": "m", "SampledRequestsEnabled": True}
    rules = {"DefaultAction": {"Allow": {}}, "VisibilityConfig": visible}
    acl = {"Acl": resource("WAFv2::WebACL", Name="edge", Scope="CLOUDFRONT", **rules)}
    group = f"arn:aws:logs:us-east-1:{account.id}:log-group:"

    def logging(name: str, **more: Any) -> dict[str, Any]:
        made = {"ResourceArn": att("Acl", "Arn"), "LogDestinationConfigs": [group + name]}
        return acl | {"Logging": resource("WAFv2::LoggingConfiguration", **made, **more)}

    stack.create(logging("aws-waf-logs-edge"))
    waf, asked = stack.client("wafv2"), {"ResourceArn": stack.id("Logging")}
    found = waf.get_logging_configuration(**asked)["LoggingConfiguration"]
    assert found["LogDestinationConfigs"] == [group + "aws-waf-logs-edge"]
    stack.update(logging("aws-waf-logs-edge", RedactedFields=[{"QueryString": {}}]))
    found = waf.get_logging_configuration(**asked)["LoggingConfiguration"]
    assert found["RedactedFields"] == [{"QueryString": {}}]
    assert stack.try_update(logging("edge")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "The ARN isn't valid" in stack.reasons()[0]
    stack.update(acl)
    assert refused(waf.get_logging_configuration, **asked) == "WAFNonexistentItemException"


def test_a_backup_selection(account: Account) -> None:
    stack = Stack(account)
    rule = {"RuleName": "daily", "TargetBackupVault": ref("Vault")}
    plan = {"BackupPlanName": "tables", "BackupPlanRule": [rule]}
    around = {
        "Vault": resource("Backup::BackupVault", BackupVaultName="tables"),
        "Plan": resource("Backup::BackupPlan", BackupPlan=plan),
    }
    table = f"arn:aws:dynamodb:eu-west-1:{account.id}:table/sessions"
    role = f"arn:aws:iam::{account.id}:role/backup"
    chosen = {"SelectionName": "tables", "IamRoleArn": role, "Resources": [table]}
    made = {"BackupPlanId": ref("Plan"), "BackupSelection": chosen}
    selection = {"Selection": resource("Backup::BackupSelection", **made)}
    outputs = {"Id": value(att("Selection", "SelectionId"))}
    stack.create(around | selection, Outputs=outputs)
    backup, plan_id = stack.client("backup"), stack.id("Plan")
    asked = {"BackupPlanId": plan_id, "SelectionId": stack.outputs()["Id"]}
    found = backup.get_backup_selection(**asked)["BackupSelection"]
    assert (found["SelectionName"], found["Resources"]) == ("tables", [table])
    stack.update(around)
    assert refused(backup.get_backup_selection, **asked) == "ResourceNotFoundException"


def test_a_budget(account: Account) -> None:
    stack = Stack(account)
    told = {"SubscriptionType": "EMAIL", "Address": "team@example.com"}
    notification: dict[str, Any] = {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
    }
    notification |= {"Threshold": 80, "ThresholdType": "PERCENTAGE"}
    notifications = [{"Notification": notification, "Subscribers": [told]}]

    def budget(amount: int) -> dict[str, Any]:
        limit = {"BudgetLimit": {"Amount": amount, "Unit": "USD"}}
        made = {"BudgetType": "COST", "TimeUnit": "MONTHLY", **limit}
        asked = {"Budget": made, "NotificationsWithSubscribers": notifications}
        return {"Budget": resource("Budgets::Budget", **asked)}

    stack.create(budget(100))
    client, name = account.client("budgets"), stack.id("Budget")
    asked = {"AccountId": account.id, "BudgetName": name}
    assert float(client.describe_budget(**asked)["Budget"]["BudgetLimit"]["Amount"]) == 100
    [found] = client.describe_notifications_for_budget(**asked)["Notifications"]
    assert found["Threshold"] == 80
    stack.update(budget(200))
    assert stack.id("Budget") == name
    assert float(client.describe_budget(**asked)["Budget"]["BudgetLimit"]["Amount"]) == 200
    stack.delete()
    assert refused(client.describe_budget, **asked) == "NotFoundException"


def test_additional_metrics_of_a_distribution(account: Account) -> None:
    stack = Stack(account, "us-east-1")
    behaviour: dict[str, Any] = {"TargetOriginId": "o", "ViewerProtocolPolicy": "redirect-to-https"}
    behaviour["CachePolicyId"] = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    origin: dict[str, Any] = {"Id": "o", "DomainName": "origin.example.com"}
    origin["CustomOriginConfig"] = {"OriginProtocolPolicy": "https-only"}
    configuration = {"Enabled": True, "DefaultCacheBehavior": behaviour, "Origins": [origin]}
    edge = {"Edge": resource("CloudFront::Distribution", DistributionConfig=configuration)}

    def metrics(status: str) -> dict[str, Any]:
        wanted = {"RealtimeMetricsSubscriptionStatus": status}
        made: dict[str, Any] = {"DistributionId": ref("Edge")}
        made["MonitoringSubscription"] = {"RealtimeMetricsSubscriptionConfig": wanted}
        return edge | {"Metrics": resource("CloudFront::MonitoringSubscription", **made)}

    stack.create(metrics("Enabled"))
    client, asked = stack.client("cloudfront"), {"DistributionId": stack.id("Edge")}

    def status() -> str:
        found = client.get_monitoring_subscription(**asked)["MonitoringSubscription"]
        return str(found["RealtimeMetricsSubscriptionConfig"]["RealtimeMetricsSubscriptionStatus"])

    assert status() == "Enabled"
    stack.update(metrics("Disabled"))
    assert status() == "Disabled"
    stack.update(edge)
    assert refused(client.get_monitoring_subscription, **asked) == "NoSuchMonitoringSubscription"


def test_an_instance_profile_is_referred_to_by_name(account: Account) -> None:
    stack = Stack(account)
    roles = {name: resource("IAM::Role", AssumeRolePolicyDocument=TRUST) for name in ("One", "Two")}

    def profile(role: str) -> dict[str, Any]:
        return roles | {"Profile": resource("IAM::InstanceProfile", Roles=[ref(role)])}

    outputs = {"Name": value(ref("Profile")), "Arn": value(att("Profile", "Arn"))}
    stack.create(profile("One"), Outputs=outputs)
    iam, name = stack.client("iam"), stack.outputs()["Name"]
    found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert found["Arn"] == stack.outputs()["Arn"]
    assert [role["RoleName"] for role in found["Roles"]] == [stack.id("One")]
    stack.update(profile("Two"), Outputs=outputs)
    found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [role["RoleName"] for role in found["Roles"]] == [stack.id("Two")]
    stack.delete()
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
