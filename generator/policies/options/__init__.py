"""The options of the settings that need rights of their own, one module each."""

from __future__ import annotations

from generator.policies.options import aurora, chaos, load_generator, region_switch
from generator.policies.options.option import Option
from generator.settings.model import Settings


def chosen(settings: Settings) -> tuple[Option, ...]:
    """Those that these settings ask for."""
    every = (
        (settings.aurora, aurora.OPTION),
        (settings.load_generator, load_generator.OPTION),
        (settings.region_switch, region_switch.OPTION),
        (settings.chaos, chaos.OPTION),
    )
    return tuple(option for section, option in every if section is not None)
