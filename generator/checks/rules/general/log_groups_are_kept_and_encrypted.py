from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources


class LogGroupsAreKeptAndEncrypted(CloudFormationLintRule):
    """A log group says how long it keeps its events, and under which key."""

    id = "E9002"
    shortdesc = "Log groups state retention and key"
    description = "AWS::Logs::LogGroup has RetentionInDays and KmsKeyId."
    source_url = (
        "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
    )
    tags = layer_tags("general")
    risk = (
        "Logs without retention are kept, and paid for, for ever; without a key of ours nobody"
        " controls who reads them."
    )
    fix = (
        "Set RetentionInDays, and KmsKeyId to a key whose policy lets the logs service of the"
        " region use it."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{name} is missing: state it for every log group")
            for group in resources(cfn, "AWS::Logs::LogGroup")
            for name in ("RetentionInDays", "KmsKeyId")
            for spot in find(cfn, group, name)
            if spot.value is None
        ]
