from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, report, resources, text
from generator.checks.rules.monitoring._topics import notified_by

AWS_MANAGED = "alias/aws/sns"


class TopicsUseOurKey(CloudFormationLintRule):
    """A topic that alarms publish to is under a customer key."""

    id = "E9093"
    shortdesc = "Alarm topics use a customer key"
    description = (
        f"A topic that an alarm or a budget notifies is not encrypted under {AWS_MANAGED}."
    )
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
    tags = layer_tags("monitoring")
    risk = (
        "CloudWatch may not use the AWS-managed key: the alarm fires, and its message is dropped"
        " without an error."
    )
    fix = "Set KmsMasterKeyId to a customer key whose policy lets the publishing services use it."

    def match(self, cfn: Template) -> list[RuleMatch]:
        notified = set().union(*notified_by(cfn).values())
        return [
            report(
                spot,
                f"alarms can't publish under {AWS_MANAGED}: set KmsMasterKeyId to a customer key",
            )
            for topic in resources(cfn, "AWS::SNS::Topic")
            if topic.name in notified
            for spot in find(cfn, topic, "KmsMasterKeyId")
            if AWS_MANAGED in text(spot.value)
        ]
