from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources

KEY_NAMES = {
    "AWS::AutoScaling::LaunchConfiguration": ("KeyName",),
    "AWS::EC2::Instance": ("KeyName",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "KeyName"),
}


class InstancesHaveNoSshKey(CloudFormationLintRule):
    """One logs in by Session Manager, not with a key pair."""

    id = "E9045"
    shortdesc = "Instances have no SSH key"
    description = "No launch template, launch configuration or instance has a KeyName."
    source_url = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html"
    tags = layer_tags("compute")
    risk = (
        "A shared key outlives the people who hold it, and what is done with it stands in no log."
    )
    fix = (
        "Remove KeyName, and let the instance role have AmazonSSMManagedInstanceCore for Session"
        " Manager."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "KeyName opens SSH: remove it and use Session Manager")
            for kind, keys in KEY_NAMES.items()
            for instance in resources(cfn, kind)
            for spot in find(cfn, instance, *keys)
            if spot.value is not None
        ]
