"""`restore`: an evacuated Region back into DNS."""

from __future__ import annotations

from generator.cli.options import Environment
from generator.cli.switching import FIVE_MINUTES, Region, Timeout, Yes, switch


def command(
    region: Region, env: Environment = "dev", yes: Yes = False, timeout: Timeout = FIVE_MINUTES
) -> None:
    """Take a Region back into DNS: set its switch to 0, and wait until Route 53 agrees.

    Example: python -m generator restore --env prod --region eu-west-1
    """
    switch(env, region, evacuate=False, yes=yes, timeout=timeout)
