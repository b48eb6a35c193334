from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, differs, layer_tags, report, values
from generator.checks.rules.dns._records import policies, records


class RoutedRecordsKnowTheirHealth(CloudFormationLintRule):
    """A record that competes with others is withdrawn when its target is ill."""

    id = "E9084"
    shortdesc = "Routed records have a health check"
    description = (
        "A record with a routing policy has a HealthCheckId, or an AliasTarget with"
        " EvaluateTargetHealth true."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-complex-configs.html"
    tags = layer_tags("dns")
    risk = (
        "Route 53 takes a record without a health check as always healthy, and keeps sending"
        " visitors to a dead region."
    )
    fix = "Set HealthCheckId, or EvaluateTargetHealth true on the alias."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(record, "a routed record needs a HealthCheckId, or EvaluateTargetHealth true")
            for record in records(cfn)
            if policies(cfn, record) and not _knows_health(cfn, record)
        ]


def _knows_health(cfn: Template, record: Spot) -> bool:
    checked = all(value is not None for value in values(cfn, record, "HealthCheckId"))
    evaluated = values(cfn, record, "AliasTarget", "EvaluateTargetHealth")
    return checked or not any(differs(value, True) for value in evaluated)
