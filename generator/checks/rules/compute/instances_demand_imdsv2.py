from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report, resources


class InstancesDemandImdsv2(CloudFormationLintRule):
    """Instance metadata is given to holders of a session token only."""

    id = "E9043"
    shortdesc = "Launch templates demand IMDSv2"
    description = "LaunchTemplateData.MetadataOptions.HttpTokens is required."
    source_url = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html"
    tags = layer_tags("compute")
    risk = (
        "With IMDSv1 a forged request through the application can read the instance role's"
        " credentials."
    )
    fix = "Set LaunchTemplateData.MetadataOptions.HttpTokens to required."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "LaunchTemplateData.MetadataOptions.HttpTokens must be required")
            for template in resources(cfn, "AWS::EC2::LaunchTemplate")
            for spot in find(cfn, template, "LaunchTemplateData", "MetadataOptions", "HttpTokens")
            if differs(spot.value, "required")
        ]
