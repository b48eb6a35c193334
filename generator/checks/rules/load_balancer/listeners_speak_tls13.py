from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, is_unknown, layer_tags, report, resources, values
from generator.checks.rules.load_balancer._listener_rules import LISTENER


class ListenersSpeakTls13(CloudFormationLintRule):
    """An HTTPS listener offers TLS 1.3."""

    id = "E9031"
    shortdesc = "HTTPS listeners use a TLS 1.3 policy"
    description = (
        "SslPolicy of an HTTPS or TLS listener is one of the ELBSecurityPolicy-TLS13-... policies."
    )
    source_url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html"
    tags = layer_tags("load_balancer")
    risk = "The policy that AWS takes by default still accepts TLS 1.0 and 1.1, and not 1.3."
    fix = "Set SslPolicy to ELBSecurityPolicy-TLS13-1-2-2021-06 or a stricter TLS 1.3 policy."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, "SslPolicy must be an ELBSecurityPolicy-TLS13-... policy")
            for listener in resources(cfn, LISTENER)
            if {"HTTPS", "TLS"} & {str(protocol) for protocol in values(cfn, listener, "Protocol")}
            for spot in find(cfn, listener, "SslPolicy")
            if not is_unknown(spot.value)
            and not str(spot.value).startswith("ELBSecurityPolicy-TLS13-")
        ]
