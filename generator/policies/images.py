"""Reading the Systems Manager parameter that names the machine image.

CloudFormation reads it in its caller's name when a template's parameter is of that type, whatever
role it is given, and in the role's when it makes the launch template: so both policies have it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html
"""

from __future__ import annotations

from awacs import ssm
from troposphere import Sub

from generator.policies.statements import Grant, allow
from generator.settings.model import Settings


def image_parameters(settings: Settings) -> Grant:
    """Amazon's public parameters, and the one of the settings' own image."""
    arns = ["arn:${AWS::Partition}:ssm:*::parameter/aws/service/*"]
    if own := settings.compute.image.removeprefix("/"):
        arns.append("arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:parameter/" + own)
    actions = [ssm.GetParameter, ssm.GetParameters]
    return allow("ImageParameters", actions, [Sub(arn) for arn in arns])
