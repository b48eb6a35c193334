"""What an environment is: `load(path)` reads parameters/<env>.yaml into `Settings`."""

from __future__ import annotations

from generator.settings.load import load
from generator.settings.model import Settings

__all__ = ["Settings", "load"]
