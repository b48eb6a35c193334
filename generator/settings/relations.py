"""All relations between settings, and which of them a file breaks."""

from __future__ import annotations

from collections.abc import Iterator, Set

from generator.settings.model import Settings
from generator.settings.rule import Problem
from generator.settings.rules_fleet import RULES as FLEET
from generator.settings.rules_options import RULES as OPTIONS
from generator.settings.rules_reach import RULES as REACH
from generator.settings.rules_regions import RULES as REGIONS
from generator.settings.rules_stores import RULES as STORES
from generator.settings.source import Location

ALL = (*REGIONS, *REACH, *FLEET, *STORES, *OPTIONS)


def broken(settings: Settings, faulty: Set[Location]) -> Iterator[Problem]:
    """Every broken relation, but those that read what is known to be faulty."""
    for rule in ALL:
        if not any(rule.depends_on(at) for at in faulty):
            yield from rule.check(settings)
