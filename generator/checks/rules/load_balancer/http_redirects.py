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
from generator.checks.rules.load_balancer._listener_rules import LISTENER


class HttpRedirects(CloudFormationLintRule):
    """A plain HTTP listener does nothing but send the caller to HTTPS."""

    id = "E9032"
    shortdesc = "HTTP listeners redirect to HTTPS"
    description = "Every default action of an HTTP listener is a redirect whose Protocol is HTTPS."
    source_url = (
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html"
    )
    tags = layer_tags("load_balancer")
    risk = "A listener that forwards HTTP carries sessions and passwords in clear text."
    fix = (
        "Make the default action a redirect with Protocol HTTPS, Port 443 and StatusCode HTTP_301."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(action, "the default action of an HTTP listener must redirect to HTTPS")
            for listener in resources(cfn, LISTENER)
            if "HTTP" in values(cfn, listener, "Protocol")
            for action in find(cfn, listener, "DefaultActions", EACH)
            if any(differs(kind, "redirect") for kind in values(cfn, action, "Type"))
            or any(differs(to, "HTTPS") for to in values(cfn, action, "RedirectConfig", "Protocol"))
        ]
