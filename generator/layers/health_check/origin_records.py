"""Part of 08 health check: a Region's record in the routing over Regions.

All Regions share one template, so what differs between them is decided by AWS::Region: by a mapping
for weights, and for records that only some Regions have by Conditions. Nowhere else does the
platform use Conditions for its structure.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html
"""

from __future__ import annotations

from troposphere import Equals, FindInMap, If, Ref
from troposphere.route53 import AliasTarget, GeoLocation, HealthCheck, RecordSetType

from generator import names
from generator.layers.draft import Draft, Expression, sub
from generator.layers.foundation import HOSTED_ZONE_ID

REGION = Ref("AWS::Region")
REGION_MAP, WEIGHT = "Regions", "Weight"
IS_HOME = "IsHome"


def add_origin_records(draft: Draft, check: HealthCheck) -> None:
    """The Region's record, or records, by the routing that the settings ask for."""
    assert draft.settings.domain is not None
    add = {
        "latency": _latency,
        "weighted": _weighted,
        "failover": _failover,
        "geolocation": _geolocation,
    }[draft.settings.domain.routing]
    add(draft, check)


def _latency(draft: Draft, check: HealthCheck) -> None:
    _add(draft, "OriginRecord", check, Region=REGION)


def _weighted(draft: Draft, check: HealthCheck) -> None:
    """Weights are facts of the template: all Regions' shares are reviewed at one place."""
    weights = {region.name: {WEIGHT: str(region.weight)} for region in draft.settings.regions}
    draft.template.add_mapping(REGION_MAP, weights)
    _add(draft, "OriginRecord", check, Weight=FindInMap(REGION_MAP, REGION, WEIGHT))


def _failover(draft: Draft, check: HealthCheck) -> None:
    _condition(draft, IS_HOME, draft.settings.home_region)
    _add(draft, "OriginRecord", check, Failover=If(IS_HOME, "PRIMARY", "SECONDARY"))


def _geolocation(draft: Draft, check: HealthCheck) -> None:
    """One record a continent in the Region that serves it, and the rest of the world at home.

    A user of a continent whose Region is unhealthy gets the next larger location's record: that of
    the whole world, without which there would be no answer. No location is larger than the world,
    so that record must not fail with the home Region: it is an alias of records of all Regions.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
    """
    for region in draft.settings.regions:
        for continent in region.continents:
            _condition(draft, f"Serves{continent}", region.name)
            record = _add(
                draft,
                f"OriginRecord{continent}",
                check,
                GeoLocation=GeoLocation(ContinentCode=continent),
                SetIdentifier=sub(f"${{AWS::Region}}-{continent}"),
            )
            record.Condition = f"Serves{continent}"
    _rest_of_the_world(draft, check)


def _rest_of_the_world(draft: Draft, check: HealthCheck) -> None:
    """The home Region while it is healthy, then any other.

    A record of weight 0 is answered only where all of the others are unhealthy.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
    """
    _condition(draft, IS_HOME, draft.settings.home_region)
    rest = names.regional_origin(draft.settings, "rest")
    _add(draft, "RestRecord", check, name=rest, Weight=If(IS_HOME, 1, 0))
    draft.add(
        RecordSetType(
            "OriginRecordWorld",
            Condition=IS_HOME,
            DependsOn="RestRecord",  # An alias of nothing is refused.
            HostedZoneId=draft.need(HOSTED_ZONE_ID),
            Name=names.origin(draft.settings),
            Type="A",
            SetIdentifier="World",
            GeoLocation=GeoLocation(CountryCode="*"),
            AliasTarget=_alias(draft, rest),
        )
    )


def _condition(draft: Draft, name: str, region: str) -> None:
    draft.template.add_condition(name, Equals(REGION, region))


def _add(
    draft: Draft, title: str, check: HealthCheck, name: str = "", **routing: object
) -> RecordSetType:
    """An alias of the Region's own name, which the load balancer layer keeps up to date.

    So a replaced load balancer changes nothing here. An alias has its target's TTL: for a load
    balancer that is 60 seconds.
    """
    return draft.add(
        RecordSetType(
            title,
            HostedZoneId=draft.need(HOSTED_ZONE_ID),
            Name=name or names.origin(draft.settings),
            Type="A",
            AliasTarget=_alias(draft, sub(names.regional_origin(draft.settings))),
            HealthCheckId=Ref(check),
            **{"SetIdentifier": REGION, **routing},
        )
    )


def _alias(draft: Draft, name: Expression) -> AliasTarget:
    """Records of the same zone, as healthy as they are."""
    return AliasTarget(
        DNSName=name, HostedZoneId=draft.need(HOSTED_ZONE_ID), EvaluateTargetHealth=True
    )
