from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import find, layer_tags, number, report
from generator.checks.rules.dns._records import policies, records

LONGEST = 60  # seconds


class RoutedRecordsExpireFast(CloudFormationLintRule):
    """Resolvers forget an answer that may fail over within a minute."""

    id = "E9085"
    shortdesc = "Routed records have a short TTL"
    description = f"TTL of a record with a routing policy is at most {LONGEST} seconds."
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-dns.html"
    tags = layer_tags("dns")
    risk = (
        "Visitors keep going to a failed region until their resolver forgets it, however fast the"
        " check was."
    )
    fix = f"Set TTL to {LONGEST} or less."

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"TTL {spot.value} delays a failover: set {LONGEST} or less")
            for record in records(cfn)
            if policies(cfn, record)
            for spot in find(cfn, record, "TTL")
            if (seconds := number(spot.value)) is not None and seconds > LONGEST
        ]
