"""The sections of a settings file, one class a layer, and the rollout's.

Every field says its unit, why its default is what it is, and (by its bounds) what is allowed. The
texts are shown by editors through the JSON schema and by the error messages, so they are written
once. A section that is left out takes its defaults, which are the careful ones.
"""

from __future__ import annotations

from generator.settings.kinds import LogRetentionDays, Section, Text, WholeNumber
from generator.settings.sections_delivery import (
    GithubActions,
    Organization,
    Pipeline,
    Promotion,
)
from generator.settings.sections_fleet import Compute, Scaling, Schedule, Step
from generator.settings.sections_options import Aurora, Chaos, LoadGenerator, RegionSwitch
from generator.settings.sections_rollout import Rollout
from generator.settings.sections_serving import Edge, LoadBalancer, Network, WebAcl
from generator.settings.sections_stores import Cache, Database, Monitoring, ProvisionedCapacity

__all__ = [
    "Aurora",
    "Cache",
    "Chaos",
    "Compute",
    "Database",
    "Edge",
    "GithubActions",
    "LoadBalancer",
    "LoadGenerator",
    "LogRetentionDays",
    "Monitoring",
    "Network",
    "Organization",
    "Pipeline",
    "Promotion",
    "ProvisionedCapacity",
    "RegionSwitch",
    "Rollout",
    "Scaling",
    "Schedule",
    "Section",
    "Step",
    "Text",
    "WebAcl",
    "WholeNumber",
]
