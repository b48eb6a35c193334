"""Route 53 records, alone or in a group, and how they route."""

from collections.abc import Iterator

from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, find, resources, text, values

ROUTING = (
    "CidrRoutingConfig",
    "Failover",
    "GeoLocation",
    "GeoProximityLocation",
    "MultiValueAnswer",
    "Region",
    "Weight",
)


def records(cfn: Template) -> Iterator[Spot]:
    yield from resources(cfn, "AWS::Route53::RecordSet")
    for group in resources(cfn, "AWS::Route53::RecordSetGroup"):
        yield from find(cfn, group, "RecordSets", EACH)


def is_stated(cfn: Template, record: Spot, key: str) -> bool:
    """Whether a property is there, whatever the template's conditions turn out to be."""
    return all(value not in (None, False, "false") for value in values(cfn, record, key))


def policies(cfn: Template, record: Spot) -> list[str]:
    """The routing policies that a record surely has; a simple record has none."""
    return [key for key in ROUTING if is_stated(cfn, record, key)]


def set_of(cfn: Template, record: Spot) -> str:
    """What records share that answer the same question: condition, zone, name and type."""
    body = cfn.template["Resources"][record.path[1]]
    group = body.get("Properties", {})
    keys = ("HostedZoneId", "HostedZoneName", "Name", "Type")
    return text(
        [
            body.get("Condition"),
            group.get("HostedZoneId"),
            *(values(cfn, record, key) for key in keys),
        ]
    )
