"""A plan file: read back as it was written, and refused in words where it can't be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.deploy.records.saved import read_plan, write_plan
from generator.deploy.release import Carried
from generator.deploy.steps import (
    Action,
    BakeStep,
    Change,
    Do,
    DoSet,
    Plan,
    SetStep,
    StackStep,
    UploadStep,
)
from generator.errors import Exit, UsageError

TEXT = st.text(max_size=8)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
VALUES = st.dictionaries(TEXT, TEXT, max_size=2)
CARRIED = st.dictionaries(TEXT, st.builds(Carried, TEXT, TEXT, TEXT), max_size=2)
CHANGES = st.lists(
    st.builds(Change, TEXT, TEXT, st.sampled_from(Action), TEXTS, TEXT, TEXT), max_size=2
).map(tuple)
COMMON: dict[str, Any] = {"id": TEXT, "after": TEXTS}
STACK: dict[str, Any] = {
    **COMMON,
    **dict.fromkeys(
        ("layer", "name", "region", "template", "role", "change_set", "stack_id", "source", "why"),
        TEXT,
    ),
    "do": st.sampled_from(Do),
    "parameters": VALUES,
    "carried": CARRIED,
    "inline": st.booleans(),
    "express": st.booleans(),
    "changes": CHANGES,
}
SET: dict[str, Any] = {
    **COMMON,
    **dict.fromkeys(("layer", "name", "region", "template", "source", "why"), TEXT),
    "do": st.sampled_from(DoSet),
    "places": TEXTS,
    "units": TEXTS,
    "call_as": TEXT,
    "auto_deployment": st.booleans(),
    "parameters": VALUES,
    "carried": CARRIED,
    "overrides": VALUES,
    "retain": st.booleans(),
    "changes": st.dictionaries(TEXT, CHANGES, max_size=2),
}
MINUTES = st.floats(0, 10_000) | st.integers(0, 60).map(float)
STEPS = st.one_of(
    st.builds(StackStep, **STACK),
    st.builds(SetStep, **SET),
    st.builds(UploadStep, **COMMON, region=TEXT, files=TEXTS),
    st.builds(BakeStep, **COMMON, wave=TEXTS, minutes=MINUTES, alarms=TEXTS),
)
PLANS = st.builds(
    Plan,
    **dict.fromkeys(("environment", "prefix", "home", "account", "fingerprint", "release"), TEXT),
    steps=st.lists(STEPS, max_size=4).map(tuple),
    unchanged=st.integers(0, 99),
    tags=VALUES,
    templates=VALUES,
)
SMALL = Plan(
    environment="prod",
    prefix="gtm-prod",
    home="eu-west-1",
    account="111122223333",
    fingerprint="f",
    release="r",
    steps=(UploadStep(id="upload@eu-west-1", after=(), region="eu-west-1", files=("a",)),),
    unchanged=3,
)


@given(plan=PLANS)
def test_it_is_read_back_as_it_was_written(
    plan: Plan, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "plan.json"
    write_plan(path, plan)
    assert read_plan(path) == plan


def test_it_is_for_its_owner_alone_and_says_its_format(tmp_path: Path) -> None:
    path = tmp_path / "new" / "plan.json"
    write_plan(path, SMALL)
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text())["format"] == 2


def test_it_replaces_an_older_one_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{" * 100_000)
    write_plan(path, SMALL)
    assert read_plan(path) == SMALL
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def test_what_can_not_be_written_leaves_the_older_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, SMALL)

    def full(self: Path, target: Path) -> Path:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_plan(path, SMALL)
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


def _other_format(data: dict[str, Any]) -> str:
    return json.dumps({**data, "format": 99})


def _no_steps(data: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in data.items() if key != "steps"})


def _strange_step(data: dict[str, Any]) -> str:
    return json.dumps({**data, "steps": [{"kind": "spell"}]})


def _truncated(data: dict[str, Any]) -> str:
    return json.dumps(data)[:-20]


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (_other_format, "format 99, 2 is read here"),
        (_no_steps, "steps: Field required"),
        (_strange_step, "steps.0: "),
        (_truncated, "line 1: "),
        (lambda data: "[]", "not a plan"),
        (lambda data: "", "line 1: "),
        (lambda data: json.dumps({"format": 2}), "Field required"),
    ],
)
def test_what_is_no_plan_is_refused_in_words(tmp_path: Path, spoil: Any, cause: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, SMALL)
    path.write_text(spoil(json.loads(path.read_text())))
    with pytest.raises(UsageError) as told:
        read_plan(path)
    assert told.value.exit_code is Exit.BAD_INPUT
    first, remedy = str(told.value).split("\n")
    assert first.startswith(f"{path}: ")
    assert cause in first
    assert "python -m generator plan" in remedy


def test_a_missing_or_binary_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_plan(tmp_path / "plan.json")
    (tmp_path / "plan.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not text"):
        read_plan(tmp_path / "plan.json")
