from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    differs,
    find,
    layer_tags,
    report,
    resources,
    values,
)
from generator.checks.rules.load_balancer._listener_rules import LISTENER, demands_header, rules_of

STATUS = ("FixedResponseConfig", "StatusCode")


class RequestsWithoutHeaderAreRefused(CloudFormationLintRule):
    """Where a header opens the door, the door is otherwise shut."""

    id = "E9036"
    shortdesc = "Requests without the header are refused"
    description = (
        "A listener with rules that demand an HTTP header answers everything else with a fixed 403."
    )
    source_url = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html"
    tags = layer_tags("load_balancer")
    risk = (
        "If the default action forwards, the header protects nothing: anyone can go round the CDN"
        " and its WAF."
    )
    fix = "Make the listener's default action fixed-response with StatusCode 403."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(
                action,
                "rules here demand a header: the default action must be a fixed-response 403",
            )
            for listener in resources(cfn, LISTENER)
            if any(demands_header(cfn, rule) for rule in rules_of(cfn, listener.name))
            for action in find(cfn, listener, "DefaultActions", EACH)
            if any(differs(kind, "fixed-response") for kind in values(cfn, action, "Type"))
            or any(differs(code, 403) for code in values(cfn, action, *STATUS))
        ]
