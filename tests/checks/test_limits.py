"""CloudFormation's limits are counted as CloudFormation counts them."""

from __future__ import annotations

import json

import pytest

from generator.checks.limits import INLINE_BYTES, fits_inline, stack_name_usage, usages


def named(text: str, body: dict[str, object]) -> dict[str, str]:
    return {usage.name: str(usage) for usage in usages(text, body)}


def test_sections_are_counted_against_their_limits() -> None:
    body: dict[str, object] = {
        "Resources": {"A": {}, "Bcd": {}},
        "Parameters": {"P": {"Default": "12345"}},
        "Description": "é",
    }
    found = named(json.dumps(body), body)
    assert found["resources"] == "2/500"
    assert found["parameters"] == "1/200"
    assert found["outputs"] == "0/200"
    assert found["description bytes"] == "2/1,024"
    assert found["longest logical id"] == "3/255"
    assert found["longest default"] == "5/4,096"


def test_size_is_counted_in_bytes_not_characters() -> None:
    assert named("서울", {"Resources": {}})["template bytes"] == "6/1,048,576"


@pytest.mark.parametrize("extra, fits", [(0, True), (1, False)])
def test_inline_ends_at_51200_bytes(extra: int, fits: bool) -> None:
    assert fits_inline("x" * (INLINE_BYTES + extra)) is fits


def test_over_a_limit_is_exceeded_and_at_it_is_not() -> None:
    at: dict[str, object] = {"Resources": {f"R{n}": {} for n in range(500)}}
    over: dict[str, object] = {"Resources": {f"R{n}": {} for n in range(501)}}
    assert not any(usage.exceeded for usage in usages("", at))
    assert [usage.name for usage in usages("", over) if usage.exceeded] == ["resources"]


def test_stack_names_end_at_128_characters() -> None:
    assert not stack_name_usage("x" * 128).exceeded
    assert stack_name_usage("x" * 129).exceeded
