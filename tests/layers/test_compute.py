"""04 compute: the instances of a Region, as an Auto Scaling group."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from generator.layers import compute
from generator.layers.compute.group_updates import least_in_service
from generator.settings.model import Region, Settings
from generator.settings.sections import Compute, LoadBalancer, Schedule
from tests.layers.support import REGIONS, drafted, filled, settings

SPOT = settings(
    compute=Compute(instance_types=["m7g.large", "c7g.large"], spot_percent=60, minimum_instances=3)
)
WARM = settings(compute=Compute(warm_pool=True))


def _resource(chosen: Settings, name: str) -> dict[str, Any]:
    found: dict[str, Any] = filled(compute.LAYER, chosen)["Resources"][name]
    return found


def _group(chosen: Settings) -> dict[str, Any]:
    found: dict[str, Any] = _resource(chosen, "AutoScalingGroup")["Properties"]
    return found


def _instance(chosen: Settings) -> dict[str, Any]:
    found: dict[str, Any] = _resource(chosen, "LaunchTemplate")["Properties"]["LaunchTemplateData"]
    return found


# --- the launch template --------------------------------------------------------------------------


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_the_image_is_a_public_parameter_of_the_architecture(
    architecture: Literal["arm64", "x86_64"],
) -> None:
    types = ["m7g.large"] if architecture == "arm64" else ["m7i.large"]
    chosen = settings(compute=Compute(architecture=architecture, instance_types=types))
    image = drafted(compute.LAYER, chosen).tunables["ImageId"]
    assert image.type == "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
    assert str(image.default).endswith(f"al2023-ami-kernel-default-{architecture}")


def test_instances_demand_imdsv2_and_keep_it_to_themselves() -> None:
    assert _instance(settings())["MetadataOptions"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }


def test_the_root_volume_is_encrypted_gp3() -> None:
    (mapping,) = _instance(settings(compute=Compute(root_volume_gib=33)))["BlockDeviceMappings"]
    ebs = mapping["Ebs"]
    assert (ebs["VolumeType"], ebs["VolumeSize"], ebs["Encrypted"]) == ("gp3", 33, True)


def test_there_is_no_way_in_but_session_manager() -> None:
    instance = _instance(settings())
    assert "KeyName" not in instance
    assert instance["IamInstanceProfile"] == {"Arn": {"Ref": "InstanceProfileArn"}}
    assert instance["SecurityGroupIds"] == [{"Ref": "ApplicationSecurityGroupId"}]


def test_metrics_come_every_minute() -> None:
    assert _instance(settings())["Monitoring"] == {"Enabled": True}
    assert _group(settings())["MetricsCollection"] == [{"Granularity": "1Minute"}]


# --- the group ------------------------------------------------------------------------------------


def test_the_template_never_says_how_large_the_group_is() -> None:
    group = _group(settings())
    assert "DesiredCapacity" not in group
    assert group["MinSize"] == {"Ref": "MinimumInstances"}
    assert group["MaxSize"] == {"Ref": "MaximumInstances"}


def test_each_region_may_have_its_own_sizes() -> None:
    first, second, third = REGIONS
    chosen = settings(
        regions=[Region(name=first), Region(name=second, maximum_instances=5), Region(name=third)]
    )
    assert compute.maximum_instances(chosen).value_in(second) == 5
    assert compute.maximum_instances(chosen).value_in(third) == 12
    assert compute.minimum_instances(chosen).value_in(second) == 2


def test_the_default_size_is_the_home_regions() -> None:
    chosen = settings(
        regions=[Region(name=REGIONS[0], minimum_instances=9), Region(name=REGIONS[1])]
    )
    assert compute.minimum_instances(chosen).default == 9


def test_it_spans_all_private_subnets_and_believes_the_load_balancer() -> None:
    group = _group(settings())
    assert group["VPCZoneIdentifier"] == {"Ref": "PrivateSubnetIds"}
    assert group["TargetGroupARNs"] == [{"Ref": "TargetGroupArn"}]
    assert group["HealthCheckType"] == "ELB"
    assert group["HealthCheckGracePeriod"] == {"Ref": "HealthCheckGraceSeconds"}
    assert group["DefaultInstanceWarmup"] == {"Ref": "InstanceWarmUpSeconds"}


def test_new_instances_come_before_old_ones_go() -> None:
    policy = _group(settings())["InstanceMaintenancePolicy"]
    assert policy["MinHealthyPercentage"] == 100
    assert policy["MaxHealthyPercentage"] > 100


@pytest.mark.parametrize("delay", [0, 60, 3600])
def test_a_leaving_instance_has_time_to_drain(delay: int) -> None:
    chosen = settings(load_balancer=LoadBalancer(deregistration_delay_seconds=delay))
    (hook,) = _group(chosen)["LifecycleHookSpecificationList"]
    assert hook["LifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert hook["DefaultResult"] == "CONTINUE"
    assert max(30, delay) < hook["HeartbeatTimeout"] <= 7200


def test_the_instance_role_recognises_the_group_by_its_tag() -> None:
    tags = {tag["Key"]: tag["Value"] for tag in _group(settings())["Tags"]}
    assert tags["Platform"] == "gtm-test"


def test_one_type_without_spot_needs_no_mixed_instances() -> None:
    group = _group(settings())
    version = {"Fn::GetAtt": ["LaunchTemplate", "LatestVersionNumber"]}
    assert group["LaunchTemplate"]["Version"] == version
    assert "MixedInstancesPolicy" not in group
    assert "CapacityRebalance" not in group


def test_spot_comes_above_an_on_demand_minimum() -> None:
    group = _group(SPOT)
    assert "LaunchTemplate" not in group
    assert group["CapacityRebalance"] is True
    assert group["MixedInstancesPolicy"]["InstancesDistribution"] == {
        "OnDemandAllocationStrategy": "prioritized",
        "OnDemandBaseCapacity": {"Ref": "MinimumInstances"},
        "OnDemandPercentageAboveBaseCapacity": 40,
        "SpotAllocationStrategy": "price-capacity-optimized",
    }
    overrides = group["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"]
    kinds = [one["InstanceType"] for one in overrides]
    assert kinds == [{"Ref": "InstanceType"}, "c7g.large"]


# --- updates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [settings(), WARM], ids=["rolling", "refresh"])
def test_updates_keep_the_sizes_that_schedules_set(chosen: Settings) -> None:
    policy = _resource(chosen, "AutoScalingGroup")["UpdatePolicy"]
    keep = policy["AutoScalingScheduledAction"]["IgnoreUnmodifiedGroupSizeProperties"]
    assert str(keep).lower() == "true"


def test_a_rolling_update_waits_for_each_instances_signal() -> None:
    policy = _resource(settings(), "AutoScalingGroup")["UpdatePolicy"]
    rolling = policy["AutoScalingRollingUpdate"]
    assert str(rolling["WaitOnResourceSignals"]).lower() == "true"
    assert rolling["MinInstancesInService"] == 2
    assert {"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification"} <= set(
        rolling["SuspendProcesses"]
    )
    assert not {"Launch", "Terminate", "AddToLoadBalancer"} & set(rolling["SuspendProcesses"])


def test_a_warm_pool_is_renewed_by_instance_refresh() -> None:
    policy = _resource(WARM, "AutoScalingGroup")["UpdatePolicy"]
    assert "AutoScalingRollingUpdate" not in policy, "CloudFormation refuses both"
    refresh = policy["AutoScalingInstanceRefresh"]
    assert refresh["Strategy"] == "Rolling"
    assert refresh["Preferences"]["MinHealthyPercentage"] == 100


@pytest.mark.parametrize(
    ("sizes", "night", "expected"),
    [((2, 12), None, 2), ((4, 4), None, 3), ((1, 1), None, 0), ((4, 8), 2, 1)],
)
def test_what_stays_in_service_is_below_every_maximum(
    sizes: tuple[int, int], night: int | None, expected: int
) -> None:
    smallest, largest = sizes
    chosen = settings(
        compute=Compute(minimum_instances=smallest, maximum_instances=largest),
        schedule=Schedule(night_maximum_instances=night) if night else None,
    )
    assert least_in_service(chosen) == expected


def test_a_new_group_stands_when_its_smallest_size_has_signalled() -> None:
    signal = _resource(settings(), "AutoScalingGroup")["CreationPolicy"]["ResourceSignal"]
    assert signal["Count"] == {"Ref": "MinimumInstances"}


def test_a_warm_pool_is_stopped_used_again_and_waits_for_user_data() -> None:
    pool = _resource(WARM, "WarmPool")["Properties"]
    assert pool["PoolState"] == "Stopped"
    assert pool["InstanceReusePolicy"] == {"ReuseOnScaleIn": True}
    hooks = {
        one["LifecycleTransition"]: one for one in _group(WARM)["LifecycleHookSpecificationList"]
    }
    assert hooks["autoscaling:EC2_INSTANCE_LAUNCHING"]["DefaultResult"] == "ABANDON"
    assert "WarmPool" not in filled(compute.LAYER, settings())["Resources"]


def test_instances_log_into_an_encrypted_group_of_a_known_name() -> None:
    logs = _resource(settings(), "ServiceLogGroup")["Properties"]
    assert logs["LogGroupName"] == "/gtm-test/service"
    assert logs["KmsKeyId"] == {"Ref": "LogsKeyArn"}
    assert logs["RetentionInDays"] == 30
