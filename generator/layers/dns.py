"""08 dns: the names that users type.

With an edge they are aliases of the CloudFront distribution, free of charge and without a TTL of
ours. Without one, the apex is routed over the Regions by the stack set `health_check`, and the
alternate names are aliases of it.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html
"""

from __future__ import annotations

from troposphere.route53 import AliasTarget, RecordSet, RecordSetGroup

from generator import names
from generator.layers.draft import Draft, Layer, Scope
from generator.layers.edge import DISTRIBUTION_DOMAIN
from generator.layers.foundation import HOSTED_ZONE_ID
from generator.settings.model import Settings

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone of all distributions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html
"""

EDGE_TYPES = ("A", "AAAA", "HTTPS")
"""IPv4, IPv6, and the record that tells a browser of HTTP/3 before it has connected at all."""

REGION_TYPES = ("A",)
"""The load balancers have IPv4 addresses only."""


def fill(draft: Draft) -> None:
    """One group of records a name: a name's types change together or not at all."""
    if draft.settings.edge.enabled:
        for name in names.public(draft.settings):
            _add(draft, name, EDGE_TYPES, _distribution(draft))
    else:
        for name in names.public(draft.settings)[1:]:
            _add(draft, name, REGION_TYPES, _apex(draft))


def _add(draft: Draft, name: str, types: tuple[str, ...], target: AliasTarget) -> None:
    draft.add(
        RecordSetGroup(
            logical_id(draft.settings, name),
            HostedZoneId=draft.need(HOSTED_ZONE_ID),
            RecordSets=[RecordSet(Name=name, Type=type, AliasTarget=target) for type in types],
        )
    )


def _distribution(draft: Draft) -> AliasTarget:
    """Route 53 cannot evaluate a distribution's health, and refuses to be asked."""
    return AliasTarget(
        DNSName=draft.need(DISTRIBUTION_DOMAIN),
        HostedZoneId=CLOUDFRONT_ZONE,
        EvaluateTargetHealth=False,
    )


def _apex(draft: Draft) -> AliasTarget:
    """All records of the apex: an alias is answered as its target would be, by the same routing."""
    return AliasTarget(
        DNSName=names.origin(draft.settings),
        HostedZoneId=draft.need(HOSTED_ZONE_ID),
        EvaluateTargetHealth=True,
    )


def logical_id(settings: Settings, name: str) -> str:
    """`ApexRecords`, `WwwAliasRecords`: of the name alone, so that the order of names is free.

    A dash is spelled out, or `a-1` and `a1` would be one.
    """
    assert settings.domain is not None
    if name == settings.domain.name:
        return "ApexRecords"
    label = name.removesuffix(f".{settings.domain.name}")
    return "Dash".join(part.capitalize() for part in label.split("-")) + "AliasRecords"


def _wanted(settings: Settings) -> bool:
    domain = settings.domain
    return domain is not None and (settings.edge.enabled or bool(domain.alternate_names))


LAYER = Layer(
    name="dns",
    step="08",
    purpose="The apex and its alternate names",
    scope=Scope.EDGE,
    fill=fill,
    after=("foundation", "health_check"),
    wanted=_wanted,
)
