"""Where things are: the checkout, whatever directory a command is typed in."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from generator.errors import UsageError

REFERENCE = "reference"
"""The environment whose templates are committed in templates/."""

QUICKSTART = "quickstart"
"""The environment whose templates are committed for whoever has a browser and no Python."""


class Workspace(NamedTuple):
    """A checkout: settings, committed templates, build output, cache."""

    root: Path

    @property
    def templates(self) -> Path:
        """The reference platform's templates, committed."""
        return self.root / "templates"

    @property
    def docs(self) -> Path:
        """Pages for people; some are generated."""
        return self.root / "docs"

    @property
    def parameters(self) -> Path:
        """The settings files and their schema."""
        return self.root / "parameters"

    @property
    def lint_cache(self) -> Path:
        """Remembered lint results; safe to delete."""
        return self.root / ".cache" / "lint"

    @property
    def service_cache(self) -> Path:
        """The service's archive as it was last packed; safe to delete."""
        return self.root / ".cache" / "service"

    def settings_file(self, environment: str) -> Path:
        """Where an environment's settings are, from where one stands if that is shorter."""
        path = self.parameters / f"{environment}.yaml"
        here = Path.cwd()
        return path.relative_to(here) if path.is_relative_to(here) else path

    def output(self, environment: str) -> Path:
        """Where an environment is built to."""
        return self.root / "build" / environment

    def rollouts(self, environment: str) -> Path:
        """Where plans and reports of an environment's rollouts are kept; no build clears it."""
        return self.root / "build" / f"{environment}-rollouts"

    def loadtests(self, environment: str) -> Path:
        """Where load tests of an environment leave their results; no build clears it."""
        return self.root / "build" / f"{environment}-loadtests"

    def environments(self) -> tuple[str, ...]:
        """All environments, by name."""
        return tuple(sorted(path.stem for path in self.parameters.glob("*.yaml")))


def find_workspace(start: Path | None = None) -> Workspace:
    """The nearest directory upwards that has parameters/, else the checkout of this package."""
    here = (start or Path.cwd()).resolve()
    checkout = Path(__file__).resolve().parents[1]
    for candidate in (here, *here.parents, checkout):
        if (candidate / "parameters").is_dir() and (candidate / "setup.cfg").is_file():
            return Workspace(candidate)
    raise UsageError(f"no parameters/ directory in {here} or above; run this inside a checkout")
