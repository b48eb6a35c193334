"""The fleet: a launch template and an Auto Scaling group of the master, and of the workers.

Both groups are empty at rest, and no update of the stack launches or ends an instance: sizes are
set by who starts a load test, and by what ends it.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-manual-scaling.html
"""

from __future__ import annotations

from typing import NamedTuple

from troposphere import GetAtt, Ref, Tags
from troposphere.autoscaling import (
    AutoScalingGroup,
    LaunchTemplateSpecification,
    MetricsCollection,
)
from troposphere.autoscaling import Tags as GroupTags
from troposphere.ec2 import (
    EBSBlockDevice,
    IamInstanceProfile,
    LaunchTemplate,
    LaunchTemplateBlockDeviceMapping,
    LaunchTemplateData,
    MetadataOptions,
    Monitoring,
    NetworkInterfaces,
    TagSpecifications,
)
from troposphere.iam import InstanceProfile
from troposphere.logs import LogGroup
from troposphere.policies import AutoScalingScheduledAction, UpdatePolicy

from generator import names
from generator.layers.compute.launch_template import IMAGES, ROOT_DEVICE
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.layers.load_generator import archives
from generator.layers.load_generator.meeting import cost_tag
from generator.layers.load_generator.network import Places
from generator.layers.load_generator.user_data import Role, user_data
from generator.policies import load_generator as policies
from generator.policies.statements import role
from generator.policies.trust import EC2, plain_trust
from generator.settings.sections import LoadGenerator

DISK_GIB = 8


class Groups(NamedTuple):
    """The two groups."""

    masters: AutoScalingGroup
    workers: AutoScalingGroup


def add(draft: Draft, places: Places, key: Expression) -> Groups:
    """What they may do, where they log, and the groups."""
    profile = _profile(draft, key)
    _log_group(draft, key)
    asked = draft.settings.load_generator
    assert asked is not None
    master = _launch_template(draft, "master", places, profile, key)
    worker = _launch_template(draft, "worker", places, profile, key)
    return Groups(
        _group(draft, "master", master, places, 1),
        _group(draft, "worker", worker, places, draft.tune(_workers(asked))),
    )


def _profile(draft: Draft, key: Expression) -> InstanceProfile:
    name = names.regional_role(draft.settings, "load-generator")
    grants = policies.grants(draft.settings, key, archives.pattern(draft))
    holder = draft.add(role("GeneratorRole", plain_trust(EC2), grants, name=sub(name)))
    reason = "What is allowed on * is a session of one's own."
    draft.excuse(holder, "CKV_AWS_111", reason)
    return draft.add(
        InstanceProfile("GeneratorProfile", InstanceProfileName=sub(name), Roles=[Ref(holder)])
    )


def _log_group(draft: Draft, key: Expression) -> None:
    draft.add(
        LogGroup(
            "GeneratorLogGroup",
            LogGroupName=names.generator_log_group(draft.settings),
            KmsKeyId=key,
            RetentionInDays=draft.settings.log_retention_days,
            Tags=cost_tag(draft),
        )
    )


def _launch_template(
    draft: Draft, each: Role, places: Places, profile: InstanceProfile, key: Expression
) -> LaunchTemplate:
    tags = _tags(draft, each)
    address = NetworkInterfaces(
        DeviceIndex=0,
        AssociatePublicIpAddress=True,
        DeleteOnTermination=True,
        Groups=[GetAtt(places.group, "GroupId")],
    )
    made = draft.add(
        LaunchTemplate(
            f"{each.capitalize()}LaunchTemplate",
            LaunchTemplateData=LaunchTemplateData(
                ImageId=draft.tune(_IMAGE),
                InstanceType=draft.tune(_instance_type(draft)),
                IamInstanceProfile=IamInstanceProfile(Arn=GetAtt(profile, "Arn")),
                NetworkInterfaces=[address],
                MetadataOptions=MetadataOptions(HttpTokens="required", HttpPutResponseHopLimit=1),
                Monitoring=Monitoring(Enabled=False),
                InstanceInitiatedShutdownBehavior="terminate",
                BlockDeviceMappings=[_disk(key)],
                TagSpecifications=[
                    TagSpecifications(ResourceType=kind, Tags=tags)
                    for kind in ("instance", "volume", "network-interface")
                ],
                UserData=user_data(draft, each),
            ),
        )
    )
    reason = "It loads the platform from the internet, as users do; nobody is let in."
    draft.excuse(made, "CKV_AWS_88", reason)
    return made


def _disk(key: Expression) -> LaunchTemplateBlockDeviceMapping:
    disk = EBSBlockDevice(
        VolumeType="gp3",
        VolumeSize=DISK_GIB,
        Encrypted=True,
        KmsKeyId=key,
        DeleteOnTermination=True,
    )
    return LaunchTemplateBlockDeviceMapping(DeviceName=ROOT_DEVICE, Ebs=disk)


def _group(
    draft: Draft, each: Role, template: LaunchTemplate, places: Places, most: int | Ref
) -> AutoScalingGroup:
    latest = LaunchTemplateSpecification(
        LaunchTemplateId=Ref(template), Version=GetAtt(template, "LatestVersionNumber")
    )
    tag = {names.LOAD_GENERATOR_TAG: draft.settings.prefix}
    return draft.add(
        AutoScalingGroup(
            f"{each.capitalize()}Group",
            AutoScalingGroupName=names.generators(draft.settings, f"{each}s"),
            MinSize=0,
            MaxSize=most,
            VPCZoneIdentifier=[Ref(subnet) for subnet in places.subnets],
            LaunchTemplate=latest,
            MetricsCollection=[MetricsCollection(Granularity="1Minute")],
            Tags=GroupTags(**tag),
            UpdatePolicy=UpdatePolicy(
                AutoScalingScheduledAction=AutoScalingScheduledAction(
                    IgnoreUnmodifiedGroupSizeProperties=True
                )
            ),
            DependsOn="DefaultRoute",
        )
    )


def _tags(draft: Draft, each: Role) -> Tags:
    name = names.generators(draft.settings, each)
    return Tags(**{"Name": name, names.LOAD_GENERATOR_TAG: draft.settings.prefix})


# --- what an operator may tune --------------------------------------------------------------------

_IMAGE = Tunable(
    "LoadGeneratorImageId",
    "Machine image",
    "Name of the Systems Manager parameter that holds the id of an Amazon Linux 2023 image "
    "(arm64). Its value is looked up at each deployment.",
    default=IMAGES + "arm64",
    type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    cost="Free.",
)


def _instance_type(draft: Draft) -> Tunable:
    asked = draft.settings.load_generator
    assert asked is not None
    return Tunable(
        "LoadGeneratorInstanceType",
        "Instance type",
        "EC2 instance type of master and workers, of Graviton (arm64).",
        default=asked.instance_type,
        pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$",
        cost="Per second and instance, while a load test runs.",
    )


def _workers(asked: LoadGenerator) -> Tunable:
    return Tunable(
        "LoadGeneratorWorkers",
        "Most workers",
        "Worker instances that a load test may start in this Region.",
        default=asked.workers,
        type="Number",
        minimum=1,
        maximum=50,
        cost="Per second and instance, while a load test runs.",
    )
