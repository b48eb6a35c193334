"""`evacuate`: a Region out of DNS, through health data."""

from __future__ import annotations

from generator.cli.options import Environment
from generator.cli.switching import FIVE_MINUTES, Region, Timeout, Yes, switch


def command(
    region: Region, env: Environment = "dev", yes: Yes = False, timeout: Timeout = FIVE_MINUTES
) -> None:
    """Take a Region out of DNS: set its switch, and wait until Route 53 agrees.

    Refused for the last Region that serves. The Region stays out until `restore`.

    Example: python -m generator evacuate --env prod --region eu-west-1
    """
    switch(env, region, evacuate=True, yes=yes, timeout=timeout)
