"""A group has the instances that it says, in its subnets and target groups, and ends them."""

from __future__ import annotations

from typing import Any

from tests.local_aws import Account
from tests.sandbox.resources.network import group, group_id, subnets
from tests.sandbox.resources.stack import Stack, att, ref, resource

IMAGE = "ami-0abcdef0123456789"
KEEP_SIZES = {"AutoScalingScheduledAction": {"IgnoreUnmodifiedGroupSizeProperties": True}}
REFRESH = {"AutoScalingInstanceRefresh": {"Strategy": "Rolling"}}
NAME_TAG = {"Key": "Name", "Value": "service", "PropagateAtLaunch": True}


def template(**data: Any) -> dict[str, Any]:
    """A launch template."""
    launch = {"ImageId": IMAGE, "InstanceType": "m7g.large", "SecurityGroupIds": [group_id()]}
    return {"Template": resource("EC2::LaunchTemplate", LaunchTemplateData=launch | data)}


def fleet(minimum: int, maximum: int, policy: Any = None, **more: Any) -> dict[str, Any]:
    """An Auto Scaling group."""
    version = att("Template", "LatestVersionNumber")
    launch = {"LaunchTemplateId": ref("Template"), "Version": version}
    properties = {
        "MinSize": str(minimum),
        "MaxSize": str(maximum),
        "VPCZoneIdentifier": [ref("Subnet1"), ref("Subnet2")],
        "LaunchTemplate": launch,
        "TargetGroupARNs": [ref("Targets")],
        "Tags": [NAME_TAG],
    }
    made = resource("AutoScaling::AutoScalingGroup", **properties | more)
    return {"Fleet": made | {"UpdatePolicy": KEEP_SIZES if policy is None else policy}}


def surroundings() -> dict[str, Any]:
    """What a group stands in."""
    asked = {"Port": 80, "Protocol": "HTTP", "VpcId": ref("Vpc")}
    targets = {"Targets": resource("ElasticLoadBalancingV2::TargetGroup", **asked)}
    return subnets("eu-west-1") | group() | targets


def described(stack: Stack) -> dict[str, Any]:
    """The group as its service describes it."""
    groups = stack.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    return dict(groups[0])


def running(stack: Stack) -> dict[str, dict[str, Any]]:
    """Instances that run, by id, as EC2 describes them."""
    reservations = stack.client("ec2").describe_instances()["Reservations"]
    found = [each for reservation in reservations for each in reservation["Instances"]]
    return {each["InstanceId"]: each for each in found if each["State"]["Name"] == "running"}


def targets(stack: Stack) -> set[str]:
    """Instances that are registered with the target group."""
    health = stack.client("elbv2").describe_target_health(TargetGroupArn=stack.id("Targets"))
    return {each["Target"]["Id"] for each in health["TargetHealthDescriptions"]}


def test_it_launches_registers_follows_and_terminates(account: Account) -> None:
    stack = Stack(account)
    stack.create(surroundings() | template() | fleet(2, 4))
    members = {each["InstanceId"]: each for each in described(stack)["Instances"]}
    assert members.keys() == running(stack).keys() == targets(stack)
    assert {each["AvailabilityZone"] for each in members.values()} == {"eu-west-1a", "eu-west-1b"}
    for instance in running(stack).values():
        assert (instance["ImageId"], instance["InstanceType"]) == (IMAGE, "m7g.large")
        assert instance["SubnetId"] in {stack.id("Subnet1"), stack.id("Subnet2")}
        assert {"Key": "Name", "Value": "service"} in instance["Tags"]
    stack.update(surroundings() | template() | fleet(3, 4))
    assert members.keys() < running(stack).keys() == targets(stack)
    assert len(running(stack)) == 3
    stack.update(surroundings() | template() | fleet(1, 1))
    assert len(running(stack)) == 1
    stack.delete()
    assert running(stack) == {}


def test_it_is_described_as_it_was_made(account: Account) -> None:
    stack = Stack(account)
    resources = surroundings() | template()
    hook = {"LifecycleHookName": "drain", "HeartbeatTimeout": 180}
    hook["LifecycleTransition"] = "autoscaling:EC2_INSTANCE_TERMINATING"
    stack.create(resources | fleet(1, 2, LifecycleHookSpecificationList=[hook]))
    assert described(stack)["TargetGroupARNs"] == [stack.id("Targets")]
    client, asked = stack.client("autoscaling"), {"AutoScalingGroupName": stack.id("Fleet")}
    [found] = client.describe_lifecycle_hooks(**asked)["LifecycleHooks"]
    assert (found["LifecycleHookName"], found["HeartbeatTimeout"]) == ("drain", 180)
    specification = {"LaunchTemplateId": ref("Template"), "Version": "1"}
    launch = {
        "LaunchTemplateSpecification": specification,
        "Overrides": [{"InstanceType": "m6g.large"}],
    }
    mixed = fleet(1, 2, MixedInstancesPolicy={"LaunchTemplate": launch})
    del mixed["Fleet"]["Properties"]["LaunchTemplate"]
    stack.update(resources | mixed)
    overrides = described(stack)["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"]
    assert overrides == [{"InstanceType": "m6g.large"}]
    assert client.describe_lifecycle_hooks(**asked)["LifecycleHooks"] == []


def test_a_live_size_is_kept_where_the_policy_says_so(account: Account) -> None:
    stack = Stack(account)
    resources = surroundings() | template()
    stack.create(resources | fleet(1, 4))
    stack.client("autoscaling").set_desired_capacity(
        AutoScalingGroupName=stack.id("Fleet"), DesiredCapacity=3
    )
    stack.update(resources | fleet(1, 4, HealthCheckGracePeriod=30))
    assert described(stack)["DesiredCapacity"] == 3
    stack.update(resources | fleet(1, 2))
    assert described(stack)["DesiredCapacity"] == 2


def test_a_live_size_is_set_back_without_the_policy(account: Account) -> None:
    stack = Stack(account)
    resources = surroundings() | template()
    stack.create(resources | fleet(1, 4, {}))
    client, name = stack.client("autoscaling"), stack.id("Fleet")
    client.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=3, DesiredCapacity=3)
    stack.update(resources | fleet(1, 4, {}, HealthCheckGracePeriod=30))
    assert (described(stack)["MinSize"], described(stack)["DesiredCapacity"]) == (1, 3)


def test_a_new_launch_template_refreshes_the_instances(account: Account) -> None:
    stack = Stack(account)
    stack.create(surroundings() | template() | fleet(2, 4, REFRESH))
    before = running(stack).keys()
    stack.update(surroundings() | template(InstanceType="m7g.xlarge") | fleet(2, 4, REFRESH))
    assert before.isdisjoint(running(stack))
    assert {each["InstanceType"] for each in running(stack).values()} == {"m7g.xlarge"}
    refreshes = stack.client("autoscaling").describe_instance_refreshes(
        AutoScalingGroupName=stack.id("Fleet")
    )["InstanceRefreshes"]
    assert len(refreshes) == 1


def test_sizes_that_contradict_are_refused(account: Account) -> None:
    stack = Stack(account)
    assert stack.try_create(surroundings() | template() | fleet(3, 2)) == "ROLLBACK_COMPLETE"
    assert "MinSize (3) <= MaxSize (2)" in stack.reasons()[0]


def test_a_launch_template_that_can_launch_nothing_is_refused(account: Account) -> None:
    stack = Stack(account)
    unusable = template(SecurityGroupIds=["sg-0123456789abcdef0"])
    assert stack.try_create(surroundings() | unusable | fleet(1, 1)) == "ROLLBACK_COMPLETE"
    said = "The security group 'sg-0123456789abcdef0' does not exist"
    assert said in stack.reasons()[0]
    assert running(stack) == {}


def test_a_warm_pool(account: Account) -> None:
    stack = Stack(account)
    resources = surroundings() | template() | fleet(1, 4)
    pool = {"AutoScalingGroupName": ref("Fleet"), "PoolState": "Stopped"}
    stack.create(resources | {"Pool": resource("AutoScaling::WarmPool", **pool)})
    client, asked = stack.client("autoscaling"), {"AutoScalingGroupName": stack.id("Fleet")}
    found = client.describe_warm_pool(**asked)["WarmPoolConfiguration"]
    assert (found["PoolState"], found["MinSize"]) == ("Stopped", 0)
    reuse = {"MinSize": 2, "InstanceReusePolicy": {"ReuseOnScaleIn": True}}
    stack.update(resources | {"Pool": resource("AutoScaling::WarmPool", **pool, **reuse)})
    found = client.describe_warm_pool(**asked)["WarmPoolConfiguration"]
    assert (found["MinSize"], found["InstanceReusePolicy"]) == (2, {"ReuseOnScaleIn": True})
    stack.update(resources)
    assert "WarmPoolConfiguration" not in client.describe_warm_pool(**asked)
