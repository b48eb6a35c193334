"""Instances, load balancers, functions."""

from __future__ import annotations

from generator.policies.services.row import AWS_NAMES_IT, READ_ONLY, Service, here

ROWS = (
    Service(
        "ec2",
        anywhere="RunInstances CreateLaunchTemplate CreateLaunchTemplateVersion "
        "DeleteLaunchTemplate DeleteLaunchTemplateVersions ModifyLaunchTemplate "
        "GetInstanceTypesFromInstanceRequirements GetLaunchTemplateData",
        reason=AWS_NAMES_IT,
    ),
    Service(
        "autoscaling",
        "AttachLoadBalancerTargetGroups AttachTrafficSources CancelInstanceRefresh "
        "CreateAutoScalingGroup CreateOrUpdateTags DeleteAutoScalingGroup DeleteLifecycleHook "
        "DeletePolicy DeleteScheduledAction DeleteTags DeleteWarmPool "
        "DetachLoadBalancerTargetGroups DetachTrafficSources DisableMetricsCollection "
        "EnableMetricsCollection PutLifecycleHook PutScalingPolicy "
        "PutScheduledUpdateGroupAction PutWarmPool ResumeProcesses RollbackInstanceRefresh "
        "StartInstanceRefresh SuspendProcesses "
        "TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup",
        (here("autoscaling", "autoScalingGroup:*:autoScalingGroupName/{prefix}-*"),),
        anywhere="Describe*",
        reason=READ_ONLY,
    ),
    Service(
        "elasticloadbalancing",
        anywhere="Describe* AddTags RemoveTags CreateLoadBalancer DeleteLoadBalancer "
        "ModifyLoadBalancerAttributes SetIpAddressType SetSecurityGroups SetSubnets "
        "CreateListener DeleteListener ModifyListener ModifyListenerAttributes "
        "CreateRule DeleteRule ModifyRule SetRulePriorities CreateTargetGroup "
        "DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes "
        "RegisterTargets DeregisterTargets",
        reason="CloudFormation cuts a load balancer's name short, so the prefix may be lost.",
    ),
    Service(
        "lambda",
        "CreateFunction DeleteFunction DeleteFunctionConcurrency Get* InvokeFunction "
        "ListTags PutFunctionConcurrency TagResource UntagResource UpdateFunctionCode "
        "UpdateFunctionConfiguration PublishVersion",
        (here("lambda", "function:{prefix}-*"),),
    ),
)
