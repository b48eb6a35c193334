"""parameters/<env>.yaml → Settings, or every fault of the file at once.

    text ──► source (data, places) ──► model (types, ranges) ──► relations (across fields)

A structural fault does not hide the others: what is faulty is taken out, so that its default
applies, and the relations that do not depend on it are still examined.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from generator.errors import SettingsError
from generator.settings.model import Settings
from generator.settings.relations import broken
from generator.settings.rule import Problem
from generator.settings.source import STAND_IN, Source, parse
from generator.settings.text import read


def load(path: Path) -> Settings:
    """The settings of the file at `path`; SettingsError with all its faults.

    The file has to be called as its environment is: a copy of prod.yaml that still said `prod`
    would be rolled out over prod.
    """
    return load_text(read(path), path.as_posix(), path.stem)


def load_text(text: str, name: str, environment: str | None = None) -> Settings:
    """The settings in `text`; `name` is the file that messages speak of."""
    source = parse(text, name)
    settings = _structure(source)
    if settings is not None:
        known = frozenset(source.faulty)
        problems = [*_misnamed(settings, environment), *broken(settings, known)]
        for problem in problems:
            source.add_fault(*problem, source.place(problem.at))
    if source.faults or settings is None:
        raise SettingsError(source.faults)
    return settings


def _misnamed(settings: Settings, environment: str | None) -> Iterator[Problem]:
    if environment not in (None, settings.environment, STAND_IN):
        problem = f"is {settings.environment}, but the file is called {environment}"
        yield Problem(("environment",), problem, f"Write {environment}, or rename the file.")


def _structure(source: Source) -> Settings | None:
    """The settings without what is faulty; None if too little is left to examine further."""
    try:
        settings = Settings.model_validate(source.data)
    except ValidationError as error:
        # Only a faulty file pays for the machinery that explains faults.
        from generator.settings.faults import explain, remainder

        explain(error, source)
        return remainder(source)
    if source.faulty:
        from generator.settings.faults import remainder

        return remainder(source)
    return settings
