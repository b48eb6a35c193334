"""The launch template: how every instance of the service looks.

No key pair and no way in but Session Manager; metadata by IMDSv2 and for the instance itself only
(a hop limit of 1 keeps it from containers); disks encrypted; metrics every minute, because scaling
on five-minute averages comes too late.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
"""

from __future__ import annotations

from troposphere import Ref, Tags
from troposphere.ec2 import (
    EBSBlockDevice,
    IamInstanceProfile,
    LaunchTemplate,
    LaunchTemplateBlockDeviceMapping,
    LaunchTemplateData,
    MetadataOptions,
    Monitoring,
    TagSpecifications,
)

from generator.layers import security
from generator.layers.compute.user_data import user_data
from generator.layers.draft import AT_REST, Draft, Tunable

IMAGES = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-"
"""AWS' public parameters of the newest Amazon Linux 2023 images; the architecture follows."""

ROOT_DEVICE = "/dev/xvda"


def add_launch_template(draft: Draft, group_title: str) -> LaunchTemplate:
    """The template, for the group with this logical id."""
    tags = Tags(Name=draft.name("service"))
    template = draft.add(
        LaunchTemplate(
            "LaunchTemplate",
            LaunchTemplateData=LaunchTemplateData(
                ImageId=draft.tune(_image(draft)),
                InstanceType=instance_type(draft),
                IamInstanceProfile=IamInstanceProfile(
                    Arn=draft.need(security.INSTANCE_PROFILE_ARN)
                ),
                SecurityGroupIds=[draft.need(security.APPLICATION_GROUP)],
                MetadataOptions=MetadataOptions(HttpTokens="required", HttpPutResponseHopLimit=1),
                Monitoring=Monitoring(Enabled=True),
                BlockDeviceMappings=[_root_volume(draft)],
                TagSpecifications=[
                    TagSpecifications(ResourceType=kind, Tags=tags)
                    for kind in ("instance", "volume")
                ],
                UserData=user_data(draft, group_title),
            ),
        )
    )
    draft.explain(template, AT_REST, "Auto Scaling needs a grant for any other.")
    return template


def instance_type(draft: Draft) -> Ref:
    """The preferred instance type, which an operator may change."""
    return draft.tune(
        Tunable(
            "InstanceType",
            "Instance type",
            f"EC2 instance type that is preferred; its CPU is {draft.settings.compute.architecture}"
            ", as the image's.",
            default=draft.settings.compute.instance_types[0],
            pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$",
            cost="Per hour and instance, in each Region: the next size doubles it.",
        )
    )


def _image(draft: Draft) -> Tunable:
    """Resolved at deployment: a scale-out at night starts the image that was reviewed by day."""
    compute = draft.settings.compute
    return Tunable(
        "ImageId",
        "Machine image",
        "Name of a public or own Systems Manager parameter that holds the id of an Amazon Linux "
        "2023 image. Its value is looked up at each deployment.",
        default=compute.image or IMAGES + compute.architecture,
        type="AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
        cost="Free for Amazon Linux.",
    )


def _root_volume(draft: Draft) -> LaunchTemplateBlockDeviceMapping:
    """Under the account's default key, as the template explains."""
    return LaunchTemplateBlockDeviceMapping(
        DeviceName=ROOT_DEVICE,
        Ebs=EBSBlockDevice(
            VolumeType="gp3",
            VolumeSize=draft.settings.compute.root_volume_gib,
            Encrypted=True,
            DeleteOnTermination=True,
        ),
    )
