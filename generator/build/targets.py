"""Where a load test can be aimed: addresses whose outputs are filled in once stacks stand.

edge      the way in that users take
origin    one Region's load balancer, past the edge, with the origin secret
cache     one Region's cache: answers within the VPC only
table     one Region's replica of the tables, by DynamoDB's own API
"""

from __future__ import annotations

from typing import Any

from generator import names
from generator.layers import cache, edge, load_balancer, root
from generator.settings.model import Settings


def targets(settings: Settings) -> dict[str, Any]:
    """By kind: the layer whose published outputs the address names, and the address."""
    regional = root.LAYER.name
    endpoint = f"{{{cache.CACHE_ENDPOINT.name}}}:{cache.PORT}"
    return {
        "edge": {
            "layer": edge.LAYER.name if settings.edge.enabled else "",
            "address": _in(settings),
        },
        "origin": {"layer": regional, "address": _origin(settings)},
        "cache": {"layer": regional, "address": endpoint},
        "table": {"layer": "", "address": settings.prefix},
    }


def secrets(settings: Settings) -> dict[str, str]:
    """Names in Secrets Manager of what opens the targets; empty where nothing has to."""
    return {
        "origin": names.origin_secret(settings) if settings.edge.enabled else "",
        "cache": names.cache_secret(settings),
    }


def _in(settings: Settings) -> str:
    if settings.domain:
        return f"https://{settings.domain.name}"
    return f"https://{{{edge.DISTRIBUTION_DOMAIN.name}}}"


def _origin(settings: Settings) -> str:
    if settings.domain:
        return f"https://{names.regional_origin(settings, '{region}')}"
    return f"http://{{{load_balancer.LOAD_BALANCER_DNS_NAME.name}}}"
