from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import layer_tags, refers_to, report, resources


class VpcsHaveFlowLogs(CloudFormationLintRule):
    """Whoever makes a VPC also records what flows through it."""

    id = "E9012"
    shortdesc = "VPCs have flow logs"
    description = "A template that defines a VPC defines an AWS::EC2::FlowLog for it."
    source_url = "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html"
    tags = layer_tags("network")
    risk = (
        "Without flow logs neither a refused connection nor an intrusion can be traced afterwards."
    )
    fix = "Add an AWS::EC2::FlowLog whose ResourceId is the VPC."

    def match(self, cfn: Template) -> list[RuleMatch]:
        logged = [
            refers_to(log.value.get("ResourceId")) for log in resources(cfn, "AWS::EC2::FlowLog")
        ]
        return [
            report(vpc, "the VPC has no flow log: add an AWS::EC2::FlowLog for it")
            for vpc in resources(cfn, "AWS::EC2::VPC")
            if not any(vpc.name in names for names in logged)
        ]
