from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import layer_tags, refers_to, report, resources, values
from generator.checks.rules.edge._behaviours import distributions


class DistributionsAreLogged(CloudFormationLintRule):
    """The CDN records who asked for what."""

    id = "E9073"
    shortdesc = "Distributions are logged"
    description = (
        "A distribution has Logging, or the template has an AWS::Logs::DeliverySource for it."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logging.html"
    )
    tags = layer_tags("edge")
    risk = (
        "What the cache answers never reaches the load balancer's logs: attacks and errors there"
        " stay unseen."
    )
    fix = (
        "Add an AWS::Logs::DeliverySource (LogType ACCESS_LOGS) for the distribution, or Logging"
        " with a bucket."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        sources = [source.value for source in resources(cfn, "AWS::Logs::DeliverySource")]
        delivered = refers_to([source.get("ResourceArn") for source in sources])
        return [
            report(
                distribution, "no Logging and no AWS::Logs::DeliverySource for it: add one of them"
            )
            for distribution in distributions(cfn)
            if distribution.name not in delivered
            if None in values(cfn, distribution, "DistributionConfig", "Logging")
        ]
