"""Options of `loadtest` that exclude each other: refused in words, and none is ignored."""

from __future__ import annotations

from inspect import signature

import pytest

from generator.cli import loadtest, loadtest_options
from tests.cli.typed import type_in

HERE = {"again": ".", "jtl": __file__, "plan": __file__, "events": __file__, "export": "x.jmx"}


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        (("--processes", "2", "--workers", "3"), "--workers and --processes"),
        (("--in-aws", "--processes", "2"), "--in-aws and --processes"),
        (("--in-aws", "--workers", "2"), "--in-aws and --workers"),
        (("--in-aws", "--bind", "10.0.0.5", "--workers", "2"), "--in-aws and --workers"),
        (("--again", HERE["again"], "--jtl", HERE["jtl"]), "--again and --jtl"),
        (("--again", HERE["again"], "--env", "dev"), "--again and --env"),
        (("--again", HERE["again"], "--in-aws"), "--again and --in-aws"),
        (("--jtl", HERE["jtl"], "--in-aws"), "--jtl and --in-aws"),
        (("--export", HERE["export"], "--jtl", HERE["jtl"]), "--export and --jtl"),
        (("--region", "eu-west-1", "--host", "https://a.example"), "--host and --region"),
    ],
)
def test_a_pair_that_excludes_each_other_is_named(words: tuple[str, ...], pair: str) -> None:
    """Even with the value that it would have anyway: whoever typed it meant something."""
    done = type_in("loadtest", *words)
    assert done.code == 2
    assert f"{pair} exclude each other: " in done.err
    assert "leave one of them out" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bind", "10.0.0.5"), "--bind says nothing without --workers"),
        (("--plan", HERE["plan"]), "--plan says nothing without --jtl"),
    ],
)
def test_an_option_that_belongs_to_another_is_not_taken_alone(
    words: tuple[str, ...], said: str
) -> None:
    done = type_in("loadtest", *words)
    assert done.code == 2
    assert said in done.err


def test_the_edge_has_no_region() -> None:
    done = type_in("loadtest", "--region", "eu-west-1", "--yes")
    assert done.code == 2
    assert "--region: CloudFront is of none\n    leave it out, or name a --target" in done.err


def test_only_options_that_there_are_exclude_each_other() -> None:
    named = {name for each in loadtest_options._EXCLUSIVE for name in (each.option, *each.others)}
    named |= {name for pair in loadtest_options._BELONGS_TO.items() for name in pair}
    assert named <= signature(loadtest.command).parameters.keys()
