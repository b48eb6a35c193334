"""What the rollout's roles may do beyond the usual, where an option of the settings is on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from generator.policies.services.row import Service


class Option(NamedTuple):
    """One option's rights. A platform without it has none of them."""

    services: tuple[Service, ...] = ()
    """What CloudFormation calls to make its resources."""
    recipients: tuple[str, ...] = ()
    """Services that it gives roles to, as in `fis`."""
    linked: tuple[str, ...] = ()
    """Services that make a role of their own when first used, as in `rds`."""
    boundary: Mapping[str, str] = {}
    """Prefix to actions: the most that its own roles call on any resource."""
    own: Mapping[str, tuple[str, str]] = {}
    """Prefix to actions and ARN (`{prefix}` in it): the most on what the platform named itself."""
