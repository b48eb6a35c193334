"""docs/parameters.md: every Parameter, and an honest word on what each does to the bill."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Union, get_args, get_origin

import pytest
from hypothesis import Phase, given, settings
from pydantic import BaseModel

from generator.blueprint import draft_platform
from generator.build.parameter_page import STRUCTURE, Setting, page
from generator.build.release import Release, build_release
from generator.layers.draft import Tunable
from generator.settings import Settings, load
from tests.settings.strategies import settings as any_settings

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
PRICE = re.compile(r"[$€]|\bUSD\b|\d+\.\d\d")


@cache
def reference() -> Release:
    return build_release(load(PARAMETERS / "reference.yaml"))


def tunables(values: Settings) -> Iterator[Tunable]:
    for draft in draft_platform(values).drafts:
        yield from draft.tunables.values()


@given(any_settings())
@settings(max_examples=15, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_every_parameter_says_how_it_moves_the_bill(values: Settings) -> None:
    for tunable in tunables(values):
        assert tunable.cost.endswith("."), tunable.name
        assert not PRICE.search(tunable.cost), tunable.name


def test_the_page_shows_every_parameter_of_every_stack() -> None:
    sections = page(reference().units).split("\n## ")[1:]
    by_layer = {section.partition("\n")[0]: section for section in sections}
    for unit in reference().units:
        for name in unit.sources:
            assert f"`{name}`" in by_layer[unit.layer.name]


def test_the_page_shows_bounds_and_each_regions_own_default() -> None:
    text = page(reference().units)
    assert "| `InstanceType`<br>Instance type | `m7g.large` | `^[a-z0-9-]+\\.[a-z0-9-]+$` |" in text
    assert "| `10.33.0.0/16`<br>us-east-1: `10.0.0.0/16`" in text
    assert "| 1 to 1,000 | Fewest instances by day." in text


def test_every_row_has_its_columns() -> None:
    """A `|` in a pattern would make another one."""
    rows = [line for line in page(reference().units).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6, 3}


@pytest.mark.parametrize("setting", STRUCTURE, ids=lambda setting: setting.path)
def test_a_setting_on_the_page_exists(setting: Setting) -> None:
    model: type[BaseModel] | None = Settings
    for key in setting.path.split("."):
        assert model is not None
        model = _section(model.model_fields[key].annotation)


def _section(annotation: object) -> type[BaseModel] | None:
    """The model behind a field, whether or not it may be left out."""
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)
