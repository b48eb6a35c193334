"""What a launch template says, as an Auto Scaling group reads it: complete, or refused.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-launch-template.html
"""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.calls import failure, picked
from generator.sandbox.resources.resource import Properties


def specification(properties: Properties) -> Properties:
    """Its id or name, and its version, wherever the group names them."""
    if "LaunchTemplate" in properties:
        return dict(properties["LaunchTemplate"])
    mixed = properties.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    return dict(mixed.get("LaunchTemplateSpecification", {}))


def instance_type(properties: Properties) -> str | None:
    """The first type that a mixed instances policy names: it comes before the template's own."""
    mixed = properties.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    types = [each["InstanceType"] for each in mixed.get("Overrides", []) if "InstanceType" in each]
    return types[0] if types else None


def launch_data(properties: Properties) -> tuple[Properties, Properties]:
    """The launch template's specification, and what it says. Raises ValueError when unusable."""
    wanted = specification(properties)
    if not wanted:
        said = (
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, "
            "InstanceId or MixedInstancesPolicy parameter."
        )
        raise ValueError(failure(said, "InvalidRequest"))
    version = str(wanted.get("Version", "$Default"))
    asked = picked(wanted, "LaunchTemplateId", "LaunchTemplateName")
    found = seams.client("ec2").describe_launch_template_versions(Versions=[version], **asked)
    if not found["LaunchTemplateVersions"]:
        said = f"Could not find the specified version {version} for the launch template"
        raise ValueError(failure(said, "InvalidRequest"))
    template = found["LaunchTemplateVersions"][0]
    data: Properties = template["LaunchTemplateData"]
    _check_launch_data(data)
    names = picked(template, "LaunchTemplateId", "LaunchTemplateName")
    return names | {"Version": str(template["VersionNumber"])}, data


def _check_launch_data(data: Properties) -> None:
    fully = "You must use a valid fully-formed launch template."
    if not data.get("ImageId"):
        said = f"{fully} The request must contain the parameter ImageId"
        raise ValueError(failure(said, "InvalidRequest"))
    groups = data.get("SecurityGroupIds", [])
    known = seams.client("ec2").describe_security_groups()["SecurityGroups"]
    missing = sorted(set(groups) - {each["GroupId"] for each in known})
    if missing:
        said = f"{fully} The security group '{missing[0]}' does not exist"
        raise ValueError(failure(said, "InvalidRequest"))
