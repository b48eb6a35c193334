"""Where load can be aimed at what stands: the manifest's addresses, filled in by stack outputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from generator.deploy.around.outputs import Output
from generator.deploy.release import Release
from generator.errors import UsageError


class Target(NamedTuple):
    """A way into the platform."""

    kind: str
    """`edge`, `origin`, `cache` or `table`."""
    region: str
    """Whose, where Regions have one each; else home."""
    address: str
    """A URL; for a cache host and port; for tables the prefix of their names."""
    secret: str
    """Name in Secrets Manager of what opens it; empty where nothing has to."""


def find_target(release: Release, found: Iterable[Output], kind: str, region: str) -> Target:
    """The target of a kind in a Region.

    Raises UsageError where the Region is none of the platform's, or where nothing stands there.
    """
    if region not in release.regions:
        raise UsageError(
            f"--region {region}: {release.environment} has {', '.join(release.regions)}"
        )
    place = release.targets[kind]
    values = {
        output.name: output.value
        for output in found
        if output.layer == place.layer and (output.region == region or kind == "edge")
    }
    try:
        address = place.address.format(region=region, **values)
    except KeyError as missing:
        raise UsageError(
            f"{kind} in {region}: nothing stands there that offers {missing}\n"
            f"    run: python -m generator deploy --env {release.environment}"
        ) from None
    return Target(kind, region, address, release.secrets_of.get(kind, ""))
