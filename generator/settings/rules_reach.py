"""Relations of how users reach the platform: domain, routing, edge."""

from __future__ import annotations

from collections.abc import Iterator

from generator.settings.model import Settings
from generator.settings.rule import Problem, reads
from generator.settings.rules_regions import repeated

LONGEST_COMMON_NAME = 64
ORIGIN_LABEL = "origin"
REACHED_WITHOUT_DOMAIN = 2


def _routing(settings: Settings) -> str | None:
    return settings.domain.routing if settings.domain else None


@reads("domain.routing", "regions")
def failover_has_two_regions(settings: Settings) -> Iterator[Problem]:
    count = len(settings.regions)
    if _routing(settings) == "failover" and count != 2:
        problem = f"failover routing with {count} region{'s' if count != 1 else ''}"
        remedy = "Failover is between exactly two regions; latency routing works with any number."
        yield Problem(("domain", "routing"), problem, remedy)


@reads("domain.routing", "home_region", "regions.*.name", "regions.*.continents")
def geolocation_reaches_every_region(settings: Settings) -> Iterator[Problem]:
    if _routing(settings) != "geolocation":
        return
    for index, region in enumerate(settings.regions):
        if region.name != settings.home_region and not region.continents:
            problem = f"geolocation routing sends nobody to {region.name}"
            remedy = "Give it continents; only the home Region may have none: it takes the rest."
            yield Problem(("regions", index, "continents"), problem, remedy)


@reads("domain.routing", "regions.*.continents")
def continents_have_one_region(settings: Settings) -> Iterator[Problem]:
    if _routing(settings) != "geolocation":
        return
    given = [r.continents for r in settings.regions]
    places = [(i, j) for i, continents in enumerate(given) for j in range(len(continents))]
    continents = [given[i][j] for i, j in places]
    for later, earlier in repeated(continents):
        (i, j), (first, _) = places[later], places[earlier]
        problem = f"{continents[later]} is given twice"
        remedy = f"regions[{first}] has it already; a continent is sent to one region."
        yield Problem(("regions", i, "continents", j), problem, remedy)


@reads("domain.routing", "regions.*.weight")
def weights_are_not_all_zero(settings: Settings) -> Iterator[Problem]:
    if _routing(settings) == "weighted" and not any(r.weight for r in settings.regions):
        remedy = "Give at least one region a weight from 1 to 255."
        yield Problem(("regions", 0, "weight"), "weighted routing, but every weight is 0", remedy)


@reads("domain", "regions.*.weight", "regions.*.continents")
def regions_have_only_what_routing_uses(settings: Settings) -> Iterator[Problem]:
    routing = _routing(settings)
    for index, region in enumerate(settings.regions):
        for key, use in (("weight", "weighted"), ("continents", "geolocation")):
            if key in region.model_fields_set and routing != use:
                now = f"domain.routing is {routing}" if routing else "there is no domain"
                remedy = f"Delete it, or set domain.routing to {use}."
                yield Problem(("regions", index, key), f"it has no effect: {now}", remedy)


@reads("domain.alternate_names")
def alternate_names_differ(settings: Settings) -> Iterator[Problem]:
    names = settings.domain.alternate_names if settings.domain else []
    for index, first in repeated(names):
        remedy = f"It is alternate_names[{first}] too; keep one of them."
        at = ("domain", "alternate_names", index)
        yield Problem(at, f"{names[index]} is listed twice", remedy)


@reads("domain.alternate_names")
def alternate_names_leave_the_origin_alone(settings: Settings) -> Iterator[Problem]:
    names = settings.domain.alternate_names if settings.domain else []
    for index, name in enumerate(names):
        if name == ORIGIN_LABEL:
            remedy = "Choose another label; this one names the load balancers behind the edge."
            at = ("domain", "alternate_names", index)
            yield Problem(at, f"the label {ORIGIN_LABEL} is taken", remedy)


@reads("domain.name")
def domain_leaves_room_for_origins(settings: Settings) -> Iterator[Problem]:
    """ACM refuses a certificate whose first name has more than 64 characters; the others may."""
    longest = f"{ORIGIN_LABEL}.{settings.domain.name}" if settings.domain else ""
    over = len(longest) - LONGEST_COMMON_NAME
    if over > 0:
        problem = f"the name is too long: {longest} has {len(longest)} characters"
        remedy = f"A certificate's name has at most {LONGEST_COMMON_NAME}: shorten it by {over}."
        yield Problem(("domain", "name"), problem, remedy)


@reads("domain", "edge.enabled")
def users_have_tls(settings: Settings) -> Iterator[Problem]:
    if not settings.edge.enabled and not settings.domain:
        problem = "no edge and no domain: users would have no TLS"
        remedy = "Give a domain, whose certificate the load balancers show, or enable the edge."
        yield Problem(("edge", "enabled"), problem, remedy)


@reads("domain", "regions")
def every_region_gets_users(settings: Settings) -> Iterator[Problem]:
    """A CloudFront origin group has two members; only DNS reaches more."""
    if not settings.domain and len(settings.regions) > REACHED_WITHOUT_DOMAIN:
        idle = ", ".join(settings.region_names[REACHED_WITHOUT_DOMAIN:])
        problem = f"without a domain CloudFront reaches two Regions: {idle} would stand idle"
        yield Problem(("regions",), problem, "Give a domain, or list two Regions at most.")


@reads("edge.enabled", "edge.web_acl")
def web_acl_has_an_edge(settings: Settings) -> Iterator[Problem]:
    if settings.edge.web_acl and not settings.edge.enabled:
        remedy = "Enable the edge, in front of which the web ACL stands, or delete web_acl."
        yield Problem(("edge", "web_acl"), "it has no effect: edge.enabled is false", remedy)


@reads("edge.static_path")
def something_is_dynamic(settings: Settings) -> Iterator[Problem]:
    if settings.edge.static_path == "/":
        remedy = "Give the prefix of what may be cached, as in /static/."
        yield Problem(("edge", "static_path"), "every path would be static: no writes", remedy)


@reads("edge.web_acl.blocked_countries")
def blocked_countries_differ(settings: Settings) -> Iterator[Problem]:
    codes = settings.edge.web_acl.blocked_countries if settings.edge.web_acl else []
    for index, first in repeated(codes):
        remedy = f"It is blocked_countries[{first}] too; keep one of them."
        at = ("edge", "web_acl", "blocked_countries", index)
        yield Problem(at, f"{codes[index]} is listed twice", remedy)


RULES = (
    failover_has_two_regions,
    geolocation_reaches_every_region,
    continents_have_one_region,
    weights_are_not_all_zero,
    regions_have_only_what_routing_uses,
    alternate_names_differ,
    alternate_names_leave_the_origin_alone,
    domain_leaves_room_for_origins,
    users_have_tls,
    every_region_gets_users,
    web_acl_has_an_edge,
    something_is_dynamic,
    blocked_countries_differ,
)
