"""What the platform did: read back as it was written, or refused with the line that is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from generator.errors import Exit, UsageError
from loadtest.events import Activity, Alarm, Capacity, Event, fuller, read_events
from loadtest.results import EVENTS, write_events
from tests.loadtest.report.test_page import HOSTILE

FEW: tuple[Event, ...] = (
    Capacity(time=1.0, place="a", in_service=2, desired=2),
    Alarm(time=2.0, place="a", name="cpu", state="ALARM"),
    Activity(time=3.0, place="a", text="Launching"),
)


def line(**changes: object) -> str:
    return json.dumps({"time": 1.5, "kind": "activity", "place": "a", "text": "Lost i-7"} | changes)


def capacity(**changes: object) -> str:
    values = {"time": 1.5, "kind": "capacity", "place": "a", "in_service": 1, "desired": 2}
    return json.dumps(values | changes)


def written(folder: Path, *lines: str) -> Path:
    path = folder / "happened.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [*HOSTILE, "a\u2028b\u0085c\x0bd\re"])
def test_whatever_a_text_holds_comes_back_from_the_file(tmp_path: Path, text: str) -> None:
    events = (Activity(time=1.0, place=text, text=text), *FEW[1:])
    write_events(tmp_path, events)
    assert read_events(tmp_path / EVENTS) == events


def test_a_file_of_somebody_elses_may_hold_any_character_as_it_is(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"time": 1, "kind": "activity", "place": "a", "text": "a\u2028b"}', ""
    )
    assert read_events(path) == (Activity(time=1, place="a", text="a\u2028b"),)


def test_events_are_read_in_order_of_time(tmp_path: Path) -> None:
    path = written(tmp_path, line(time=2), line(time=1))
    assert [event.time for event in read_events(path)] == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (line(time="2026-03-20T09:47:00Z"), 'time is "2026-03-20T09:47:00Z", not seconds since'),
        (line(time=1774000000000), "time is 1774000000000, not seconds since"),
        (line(time=float("nan")), "time is NaN"),
        (line(time=True), "time is true"),
        (line(text=None), "text is null, not a text"),
        (line(kind="alarm"), "unexpected keyword argument 'text'"),
        (line(kind=["capacity"]), "unhashable"),
        (line(kind="capcity"), "of no kind\n    kinds are capacity, alarm, activity"),
        (capacity(in_service="2"), 'in_service is "2", not a whole number'),
        (capacity(desired=-1), "desired is -1, not a whole number"),
        (
            '{"time": 1, "kind": "alarm", "place": "a", "name": "n", "state": "alarm"}',
            'state is "alarm", not one of OK, ALARM, INSUFFICIENT_DATA',
        ),
        ("[]", "of no kind"),
        ("{", "no event: "),
    ],
)
def test_a_line_that_is_no_event_is_named(tmp_path: Path, wrong: str, said: str) -> None:
    path = written(tmp_path, line(), wrong)
    with pytest.raises(UsageError) as refused:
        read_events(path)
    assert refused.value.exit_code == Exit.BAD_INPUT
    assert str(refused.value).startswith(f"{path}:2: no event: ")
    assert said in str(refused.value)


def test_bytes_that_are_no_text_are_named_by_their_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(line().encode() + b"\n" + line(text="x").encode().replace(b"x", b"\xe9"))
    with pytest.raises(UsageError, match=":2: no event"):
        read_events(path)


def test_nothing_that_was_known_is_lost_to_a_later_look() -> None:
    """CloudWatch keeps samples of a minute for fifteen days: after them it knows less."""
    assert fuller(FEW, ()) == FEW
    gone = (Alarm(time=1.0, place="a", name="cpu", state="OK"),)
    rang = (*gone, *FEW[1:2])
    assert fuller((*gone, *FEW), gone) == (FEW[0], *rang, FEW[2])


def test_what_a_person_told_stays_beside_all_that_aws_did() -> None:
    told = Activity(time=2.5, place="a", text="I pulled the plug")
    launched = (FEW[2], Activity(time=4.0, place="a", text="Terminating"))
    assert fuller((told,), launched) == (told, *launched)


def test_two_that_were_launched_at_once_are_two() -> None:
    assert fuller((FEW[2],), (FEW[2], FEW[2])) == (FEW[2], FEW[2])


def test_each_place_is_known_as_well_as_it_ever_was() -> None:
    """One Region's metrics may be late while another's are forgotten."""
    late = Capacity(time=5.0, place="a", in_service=1, desired=2)
    other = (replace(late, place="b"), replace(late, place="b", time=6.0))
    assert fuller((FEW[0], *other), (FEW[0], late, other[0])) == (FEW[0], late, *other)


def test_a_later_look_that_knows_more_or_as_much_counts() -> None:
    ended = Activity(time=3.0, place="a", text="Launching\nSuccessful after 60 s")
    more = (*FEW[:2], ended, Activity(time=4.0, place="a", text="Terminating"))
    assert fuller(FEW, more) == more
    assert fuller(FEW, (ended,)) == (*FEW[:2], ended)
