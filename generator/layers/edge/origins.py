"""Part of 07 edge: where CloudFront fetches from.

With a domain there is one origin, `origin.<domain>`, which Route 53 routes over the Regions: reads
and writes fail over alike. Without one, each Region's load balancer is an origin under its own
name, and CloudFront itself fails over from the home Region to the next one listed. It does so for
reads only (GET, HEAD, OPTIONS), and between exactly two:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html

Static and dynamic requests have origins of their own, although of the same address: a request that
goes through Origin Shield reaches the origin from the shield's Region. For cacheable files that is
the point; a dynamic request would lose the nearest Region and pay for the detour.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-shield.html
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

from troposphere import GetAtt
from troposphere.cloudfront import (
    CustomOriginConfig,
    Function,
    FunctionAssociation,
    FunctionConfig,
    Origin,
    OriginCustomHeader,
    OriginGroup,
    OriginGroupFailoverCriteria,
    OriginGroupMember,
    OriginGroupMembers,
    OriginGroups,
    OriginShield,
    StatusCodes,
)

from generator import names
from generator.layers.draft import Draft, Expression, Tunable
from generator.layers.load_balancer import LOAD_BALANCER_DNS_NAME

ROUTED, HOME, STANDBY, READS = "routed", "home", "standby", "reads"
"""Ids of origins and of the group; `functions/fail_over_reads.js` knows two of them."""

FAILOVER_CODES = (500, 502, 503, 504)
CONNECTION_SECONDS = 4
CONNECTION_ATTEMPTS = 2
"""Eight seconds until a dead Region is given up; CloudFront's own default is thirty."""

LONGEST_KEEPALIVE_SECONDS = 60

SHIELDS = {
    "us-west-1": "us-west-2",
    "ca-central-1": "us-east-1",
    "af-south-1": "eu-west-1",
    "ap-east-1": "ap-southeast-1",
    "eu-south-1": "eu-central-1",
    "eu-west-3": "eu-west-2",
    "eu-north-1": "eu-west-2",
    "me-south-1": "ap-south-1",
}
"""Where AWS recommends the shield of a Region that has none."""

SHIELDED = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "sa-east-1",
    "eu-west-1",
    "eu-west-2",
    "eu-central-1",
    "ap-south-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
)
"""Regions that have Origin Shield. For one in neither table the guide names none: it gets none."""


class Origins(NamedTuple):
    """The origins of a distribution, and which of them its behaviours target."""

    origins: tuple[Origin, ...]
    dynamic: str
    static: str
    group: OriginGroup | None = None
    functions: tuple[FunctionAssociation, ...] = ()

    @property
    def groups(self) -> OriginGroups | None:
        """The origin groups, if there is one."""
        return OriginGroups(Quantity=1, Items=[self.group]) if self.group else None


def routed(draft: Draft) -> Origins:
    """With a domain: Route 53 answers with the nearest healthy Region."""
    name = names.origin(draft.settings)
    shield = _shield(draft, draft.settings.home_region)
    dynamic = _origin(draft, ROUTED, name)
    if not shield:
        return Origins((dynamic,), ROUTED, ROUTED)
    static = _origin(draft, f"{ROUTED}-shielded", name, shield)
    return Origins((dynamic, static), ROUTED, static.Id)


def regional(draft: Draft) -> Origins:
    """Without a domain: the home Region, and the next one as its standby."""
    used = dict(zip((HOME, STANDBY), draft.settings.region_names, strict=False))
    hosts = {id: draft.need(LOAD_BALANCER_DNS_NAME, region) for id, region in used.items()}
    plain = [_origin(draft, id, host) for id, host in hosts.items()]
    shields = {id: _shield(draft, region) for id, region in used.items()}
    shielded = {
        id: _origin(draft, f"{id}-shielded", hosts[id], shield)
        for id, shield in shields.items()
        if shield
    }
    members = [shielded[id].Id if id in shielded else id for id in used]
    origins = (*plain, *shielded.values())
    if STANDBY not in used:
        return Origins(origins, HOME, members[0])
    return Origins(origins, HOME, READS, _group(members), (_fail_over_reads(draft),))


def _origin(draft: Draft, id: str, host: Expression, shield: str | None = None) -> Origin:
    shielded = (
        {"OriginShield": OriginShield(Enabled=True, OriginShieldRegion=shield)} if shield else {}
    )
    return Origin(
        Id=id,
        DomainName=host,
        ConnectionAttempts=CONNECTION_ATTEMPTS,
        ConnectionTimeout=CONNECTION_SECONDS,
        CustomOriginConfig=_connection(draft),
        OriginCustomHeaders=[
            OriginCustomHeader(
                HeaderName=names.SECRET_HEADER,
                HeaderValue=names.origin_secret_value(draft.settings),
            )
        ],
        **shielded,
    )


def _connection(draft: Draft) -> CustomOriginConfig:
    settings = draft.settings
    response = draft.tune(
        Tunable(
            "OriginResponseSeconds",
            "Origin response timeout (seconds)",
            "How long CloudFront waits for the load balancer's answer before it gives 504.",
            default=30,
            type="Number",
            minimum=1,
            maximum=120,
            cost="Free.",
        )
    )
    return CustomOriginConfig(
        OriginProtocolPolicy="https-only" if settings.domain else "http-only",
        OriginSSLProtocols=["TLSv1.2"],  # The newest that CloudFront speaks to an origin.
        OriginReadTimeout=response,
        OriginKeepaliveTimeout=keepalive_seconds(settings.load_balancer.idle_timeout_seconds),
    )


def keepalive_seconds(idle_timeout: int) -> int:
    """Shorter than the load balancer's patience, or CloudFront would write to a closed connection.

    Such a request ends in 502, and CloudFront does not repeat it if it is a write.
    """
    return max(1, min(LONGEST_KEEPALIVE_SECONDS, idle_timeout - 5))


def _shield(draft: Draft, region: str) -> str | None:
    if not draft.settings.edge.origin_shield:
        return None
    return region if region in SHIELDED else SHIELDS.get(region)


def _group(members: list[str]) -> OriginGroup:
    codes = StatusCodes(Items=list(FAILOVER_CODES), Quantity=len(FAILOVER_CODES))
    return OriginGroup(
        Id=READS,
        FailoverCriteria=OriginGroupFailoverCriteria(StatusCodes=codes),
        Members=OriginGroupMembers(
            Items=[OriginGroupMember(OriginId=id) for id in members], Quantity=len(members)
        ),
    )


def _fail_over_reads(draft: Draft) -> FunctionAssociation:
    """A behaviour on a group may not allow writes: so the group is made per request, for reads."""
    code = files("generator").joinpath("functions/fail_over_reads.js").read_text("utf-8")
    function = draft.add(
        Function(
            "FailOverReads",
            Name=draft.name("fail-over-reads"),
            AutoPublish=True,
            FunctionCode=code,
            FunctionConfig=FunctionConfig(
                Comment="Reads fail over to the standby Region", Runtime="cloudfront-js-2.0"
            ),
        )
    )
    return FunctionAssociation(
        EventType="viewer-request", FunctionARN=GetAtt(function, "FunctionARN")
    )
