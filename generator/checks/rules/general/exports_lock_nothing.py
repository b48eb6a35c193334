from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, bodies, layer_tags, refers_to, report, section

REPLACEABLE = (
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::CertificateManager::Certificate",
    "AWS::EC2::LaunchTemplate",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
)


class ExportsLockNothing(CloudFormationLintRule):
    """What a later change may replace is not exported."""

    id = "E9007"
    shortdesc = "Exports lock no replaceable resource"
    description = "No exported output refers to a resource that an ordinary change replaces."
    source_url = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"
    tags = layer_tags("general")
    risk = (
        "An export that is imported can't change, so the first change that replaces the resource"
        " fails to deploy."
    )
    fix = (
        "Hand the value on as an SSM parameter, a DNS name or a stack parameter; export only what"
        " never changes."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        replaceable = {body.name for body in bodies(cfn, *REPLACEABLE)}
        return [
            report(
                Spot(("Outputs", name, "Export"), None),
                f"the export locks {', '.join(sorted(locked))} in place",
            )
            for name, output in section(cfn, "Outputs").items()
            if isinstance(output, dict) and output.get("Export") is not None
            if (locked := refers_to(output.get("Value")) & replaceable)
        ]
