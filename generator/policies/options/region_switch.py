"""What `region_switch` adds to the rights of the rollout's roles."""

from __future__ import annotations

from generator.policies.options.option import Option

OPTION = Option()
