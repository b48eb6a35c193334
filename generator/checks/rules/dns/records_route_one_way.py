from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, is_unknown, layer_tags, report, values
from generator.checks.rules.dns._records import ROUTING, is_stated, policies, records


class RecordsRouteOneWay(CloudFormationLintRule):
    """A record has one routing policy and a SetIdentifier, or neither."""

    id = "E9081"
    shortdesc = "Records have one routing policy"
    description = (
        f"At most one of {', '.join(ROUTING)} stands in a record, and SetIdentifier exactly when"
        " one does."
    )
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html"
    tags = layer_tags("dns")
    risk = (
        "Route 53 refuses the record when the stack is deployed, after everything before it already"
        " changed."
    )
    fix = (
        "Keep one routing policy in the record, and give it a SetIdentifier; nest policies through"
        " alias records."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(record, complaint)
            for record in records(cfn)
            if isinstance(record.value, dict) and not is_unknown(record.value)
            for complaint in _complaints(cfn, record)
        ]


def _complaints(cfn: Template, record: Spot) -> Iterator[str]:
    routing = policies(cfn, record)
    if len(routing) > 1:
        yield f"{' and '.join(routing)} are two routing policies: keep one"
    if routing and values(cfn, record, "SetIdentifier") == [None]:
        yield f"{routing[0]} needs a SetIdentifier"
    possible = any(set(map(str, values(cfn, record, key))) - {"None"} for key in ROUTING)
    if not possible and is_stated(cfn, record, "SetIdentifier"):
        yield "SetIdentifier needs a routing policy (Region, Weight, Failover, GeoLocation ...)"
