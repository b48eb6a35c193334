from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    differs,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)

ROOT_DEVICES = {"/dev/xvda", "/dev/sda1"}


class InstanceDisksAreEncrypted(CloudFormationLintRule):
    """Every disk of an instance is encrypted, the root disk first of all."""

    id = "E9044"
    shortdesc = "Instance disks are encrypted"
    description = (
        "A launch template maps the root device (/dev/xvda or /dev/sda1), and each mapping with Ebs"
        " has Encrypted true."
    )
    source_url = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html"
    tags = layer_tags("compute")
    risk = (
        "A disk that the template does not mention takes the image's setting, which is mostly"
        " unencrypted."
    )
    fix = (
        "List the root device in BlockDeviceMappings, and set Ebs.Encrypted to true in each"
        " mapping."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        templates = resources(cfn, "AWS::EC2::LaunchTemplate")
        return [found for template in templates for found in _check(cfn, template)]


def _check(cfn: Template, template: Spot) -> Iterator[RuleMatch]:
    mappings = list(find(cfn, template, "LaunchTemplateData", "BlockDeviceMappings", EACH))
    devices = [device for mapping in mappings for device in values(cfn, mapping, "DeviceName")]
    if not any(is_unknown(device) or device in ROOT_DEVICES for device in devices):
        yield report(template, "BlockDeviceMappings must list the root device, encrypted")
    for mapping in mappings:
        for disk in find(cfn, mapping, "Ebs"):
            if disk.value is not None and any(
                differs(on, True) for on in values(cfn, disk, "Encrypted")
            ):
                yield report(mapping, "Ebs.Encrypted must be true in each of BlockDeviceMappings")
