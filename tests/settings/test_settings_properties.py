"""Whatever a file holds, reading it ends in Settings or in SettingsError."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from generator.errors import SettingsError
from generator.settings.load import load, load_text
from generator.settings.model import Settings
from generator.settings.schema import schema_text
from generator.settings.source import parse
from tests.settings.strategies import settings, settings_data

PROD = (Path(__file__).parents[2] / "parameters" / "prod.yaml").read_text()
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text()))

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["us-east-1", "0 7 * * *", "m7g.large", "www", "10.0.0.0/16", 0, -1, 10**30])
)
KEYS = st.text(max_size=8) | st.sampled_from(["name", "steps", "domain", "weight", "zones"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def outcome(text: str) -> Settings | SettingsError:
    """What reading ends in; any other exception fails the test."""
    try:
        return load_text(text, "prod.yaml")
    except SettingsError as error:
        return error


def assert_well_formed(result: Settings | SettingsError, text: str) -> None:
    """Faults are not empty, and lie within the text."""
    if isinstance(result, Settings):
        return
    assert result.faults
    for fault in result.faults:
        assert 1 <= fault.line <= text.count("\n") + 2
        assert fault.column >= 1
        assert fault.key
        assert fault.problem
        assert fault.remedy
        assert len(str(fault)) < 2000


def places(node: Any) -> list[tuple[Any, Any]]:
    """Each mapping or list within some data, with each of its keys or indexes."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    inner = [
        place for key in keys if isinstance(node[key], dict | list) for place in places(node[key])
    ]
    return [(node, key) for key in keys] + inner


@st.composite
def mutated_data(draw: st.DrawFn) -> Any:
    """prod's settings with some keys deleted, replaced or inserted."""
    data = copy.deepcopy(yaml.safe_load(PROD))
    for _ in range(draw(st.integers(1, 4))):
        found = places(data)
        if not found:
            break
        holder, key = draw(st.sampled_from(found))
        action = draw(st.sampled_from(["delete", "replace", "insert"]))
        if action == "delete":
            del holder[key]
        elif action == "replace" or isinstance(holder, list):
            holder[key] = draw(VALUES)
        else:
            holder[draw(KEYS)] = draw(VALUES)
    return data


@st.composite
def mutated_text(draw: st.DrawFn) -> str:
    """prod's text with some pieces cut out or put in."""
    text = PROD
    pieces = st.text(max_size=5) | st.sampled_from(
        [
            "\t",
            ":",
            "- ",
            "&a ",
            "*a",
            "!!x ",
            "[",
            "{",
            "'",
            '"',
            "#",
            "\n---\n",
            "<<: ",
            "no",
            "~",
        ]
    )
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(pieces) + text[start + draw(st.integers(0, 12)) :]
    return text


@given(mutated_text())
@profile(max_examples=100, deadline=None)
def test_mutated_text_gives_settings_or_faults(text: str) -> None:
    assert_well_formed(outcome(text), text)


@given(mutated_data())
@profile(max_examples=100, deadline=None)
def test_mutated_data_gives_settings_or_faults(data: Any) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    assert_well_formed(outcome(text), text)


@given(st.text(max_size=200))
@profile(max_examples=100, deadline=None)
def test_any_text_gives_faults(text: str) -> None:
    result = outcome(text)
    assert isinstance(result, SettingsError)
    assert_well_formed(result, text)


@given(st.binary(max_size=100), st.integers(0, len(PROD)))
@profile(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_garbage_bytes_give_settings_or_faults(tmp_path: Path, garbage: bytes, at: int) -> None:
    path = tmp_path / "garbage.yaml"
    path.write_bytes(PROD.encode()[:at] + garbage + PROD.encode()[at:])
    with suppress(SettingsError):
        load(path)


@given(settings_data())
@profile(max_examples=100, deadline=None)
def test_the_strategy_makes_valid_files(data: dict[str, Any]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    assert load_text(text, "drawn.yaml") == Settings.model_validate(data)
    VALIDATOR.validate(data)


@given(settings())
@profile(max_examples=50, deadline=None)
def test_settings_survive_a_round_trip(drawn: Settings) -> None:
    text = yaml.safe_dump(drawn.model_dump(exclude_unset=True))
    assert load_text(text, "dumped.yaml") == drawn


@given(settings_data(), st.randoms())
@profile(max_examples=100, deadline=None)
def test_the_order_of_keys_does_not_matter(data: dict[str, Any], random: Any) -> None:
    def shuffled(node: Any) -> Any:
        if isinstance(node, list):
            return [shuffled(item) for item in node]
        if not isinstance(node, dict):
            return node
        keys = list(node)
        random.shuffle(keys)
        return {key: shuffled(node[key]) for key in keys}

    text = yaml.safe_dump(data, sort_keys=False)
    other = yaml.safe_dump(shuffled(data), sort_keys=False)
    assert load_text(text, "a.yaml") == load_text(other, "b.yaml")


@given(settings_data())
@profile(max_examples=50, deadline=None)
def test_every_key_and_value_has_a_place(data: dict[str, Any]) -> None:
    source = parse(yaml.safe_dump(data), "drawn.yaml")
    assert source.data == data
    assert len(source.values) >= len(places(data))
    assert set(source.keys) <= set(source.values)
