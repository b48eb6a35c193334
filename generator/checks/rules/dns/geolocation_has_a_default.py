from collections import defaultdict
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, is_unknown, layer_tags, report, values
from generator.checks.rules.dns._records import policies, records, set_of


class GeolocationHasADefault(CloudFormationLintRule):
    """Visitors whose place is unknown, or not listed, get an answer too."""

    id = "E9083"
    shortdesc = "Geolocation has a default record"
    description = "Where several geolocation records share a name and type, one has CountryCode *."
    source_url = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html"
    tags = layer_tags("dns")
    risk = "A visitor from a place that no record names gets no answer at all."
    fix = "Add a record with GeoLocation.CountryCode '*'."

    def match(self, cfn: Template) -> list[RuleMatch]:
        sets: dict[str, list[Spot]] = defaultdict(list)
        for record in records(cfn):
            if "GeoLocation" in policies(cfn, record):
                sets[set_of(cfn, record)].append(record)
        return [
            report(
                members[0],
                "no geolocation record of this name is the default: add one with CountryCode '*'",
            )
            for members in sets.values()
            if len(members) > 1
            and not any(_is_default(code) for one in members for code in _countries(cfn, one))
        ]


def _countries(cfn: Template, record: Spot) -> list[Any]:
    return values(cfn, record, "GeoLocation", "CountryCode")


def _is_default(country: Any) -> bool:
    return is_unknown(country) or country == "*"
