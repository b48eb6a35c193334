"""A plan on the screen: in the order of its steps, and what it destroys last and together."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from generator.cli.console import PlainConsole, RichConsole
from generator.cli.plan_view import SHOWN, plan_as_json, show_plan, summary
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

HOME, VIRGINIA, IRELAND = "ap-northeast-2", "us-east-1", "eu-west-1"
TABLE, ALARM = "AWS::DynamoDB::GlobalTable", "AWS::CloudWatch::Alarm"
UPLOAD = UploadStep(id=f"upload@{HOME}", after=(), region=HOME, files=("a.json", "b.json"))
DATABASE = StackStep(
    id=f"database@{HOME}",
    after=(UPLOAD.id,),
    layer="database",
    name="gtm-prod-database",
    region=HOME,
    do=Do.UPDATE,
    source="change set",
    changes=(
        Change("Sessions", TABLE, Action.MODIFY, ("Replicas",)),
        Change("Sessions", TABLE, Action.REMOVE, part=f"Replicas/{VIRGINIA}"),
        Change("Ranking", TABLE, Action.REPLACE, ("KeySchema",), policy="Retain"),
        Change("Route", "AWS::EC2::Route", Action.REMOVE),
        Change("Kept", "AWS::S3::Bucket", Action.LEAVE),
    ),
)
CHECKS = SetStep(
    id="health_check/update-set",
    after=(),
    layer="health_check",
    name="gtm-prod-health-check",
    region=HOME,
    do=DoSet.UPDATE,
    places=(VIRGINIA, IRELAND),
    changes={
        VIRGINIA: (Change("Switch", ALARM, Action.MODIFY, ("Period", "Threshold")),),
        IRELAND: (
            Change("Switch", ALARM, Action.MODIFY, ("Period", "Threshold")),
            Change("More", ALARM, Action.ADD),
        ),
    },
    why="outdated: eu-west-1",
)
BAKE = BakeStep(
    id=f"bake@{HOME}", after=(), wave=(f"regional@{HOME}",), minutes=2.5, alarms=("Impaired",)
)
PLAN = Plan(
    environment="prod",
    prefix="gtm-prod",
    home=HOME,
    account="111122223333",
    fingerprint="f",
    release="r",
    steps=(UPLOAD, DATABASE, CHECKS, BAKE),
    unchanged=9,
    templates={"between.json": "{}"},
)


def shown(plan: Plan, *, full: bool = False) -> str:
    """What the plain console shows."""
    out = io.StringIO()
    show_plan(PlainConsole(out, out), plan, full=full)
    return out.getvalue()


def lines_with(text: str, word: str) -> list[list[str]]:
    """The lines of a screen that hold a word, as words."""
    return [line.split() for line in text.splitlines() if word in line]


def test_steps_come_in_order_and_a_set_has_a_line_for_each_region() -> None:
    screen = shown(PLAN)
    steps = screen[: screen.index("modified")]
    order = [steps.index(step.id) for step in PLAN.steps]
    assert order == sorted(order)
    assert [line[-5:] for line in lines_with(steps, "update set")] == [
        [VIRGINIA, "1", "templates", "outdated:", "eu-west-1"],
        ["1", "1", "templates", "outdated:", "eu-west-1"],
    ]
    assert "2 files" in steps
    assert "bake 2.5 min" in steps
    assert "watches Impaired" in steps


def test_what_changes_alike_in_several_regions_is_one_line() -> None:
    (line,) = lines_with(shown(PLAN), "health_check/Switch")
    assert " ".join(line) == (
        f"{VIRGINIA}, {IRELAND} health_check/Switch {ALARM} Period, Threshold"
    )


def test_what_goes_is_last_and_together_what_is_refused_before_the_rest() -> None:
    screen = shown(PLAN)
    gone = screen[screen.index("replaced, deleted or left behind") :]
    rows = [
        "database/Sessions/Replicas/us-east-1",
        "database/Ranking",
        "database/Kept",
        "database/Route",
    ]
    order = [gone.index(row) for row in rows]
    assert order == sorted(order)
    assert gone.splitlines()[2 + len(rows) :] == [summary(PLAN)]


def test_each_says_what_is_lost_and_what_to_type() -> None:
    screen = shown(PLAN)
    (replica,) = lines_with(screen, "Sessions/Replicas/us-east-1")
    assert replica[0] == VIRGINIA, "the copy is lost there, not at home"
    assert replica[-2:] == ["--allow-replace", f"{VIRGINIA}:Sessions"]
    (ranking,) = lines_with(screen, "database/Ranking")
    assert "lost: its items; the old one is kept" in " ".join(ranking)
    (route,) = lines_with(screen, "database/Route")
    assert route[-1] == "remove"


def test_the_last_line_sums_it_up() -> None:
    assert summary(PLAN) == (
        "1 to add, 3 to change, 1 to replace, 2 to remove, 1 to leave behind, 9 stacks unchanged"
    )


def test_what_may_be_replaced_is_counted_apart() -> None:
    step = replace(DATABASE, changes=(Change("It", "Custom::Thing", Action.MAY_REPLACE),))
    plan = replace(PLAN, steps=(step,), unchanged=1)
    assert summary(plan) == (
        "0 to add, 0 to change, 0 to replace (1 more maybe), 0 to remove, 1 stack unchanged"
    )
    assert "may replace" in shown(plan)
    assert "may replace" not in shown(PLAN)


def test_nothing_to_do_is_one_line() -> None:
    assert shown(replace(PLAN, steps=())) == (
        "0 to add, 0 to change, 0 to replace, 0 to remove, 9 stacks unchanged\n"
    )


@pytest.mark.parametrize("action", [Action.MODIFY, Action.REMOVE])
def test_long_lists_are_cut_unless_all_is_asked_for(action: Action) -> None:
    changes = tuple(Change(f"Route{n:03}", "AWS::EC2::Route", action) for n in range(SHOWN + 5))
    plan = replace(PLAN, steps=(replace(DATABASE, changes=changes),))
    assert len(lines_with(shown(plan), "database/Route")) == SHOWN
    assert "and 5 more: plan --all shows them" in shown(plan)
    assert len(lines_with(shown(plan, full=True), "database/Route")) == SHOWN + 5


def test_what_is_refused_is_never_cut() -> None:
    changes = tuple(Change(f"Table{n:03}", TABLE, Action.REMOVE) for n in range(SHOWN + 5))
    plan = replace(PLAN, steps=(replace(DATABASE, changes=changes),))
    assert len(lines_with(shown(plan), "database/Table")) == SHOWN + 5


def test_a_terminal_shows_the_same_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    show_plan(RichConsole(), PLAN)
    live = capsys.readouterr().out.translate(dict.fromkeys(map(ord, "┃│"), " ")).split()
    plain = shown(PLAN).split()
    assert [word for word in live if word in plain] == plain


def test_another_program_reads_steps_sums_and_what_goes() -> None:
    data = json.loads(plan_as_json(PLAN))
    assert data["format"] == 2
    assert [step["id"] for step in data["steps"]] == [step.id for step in PLAN.steps]
    assert data["summary"] == {
        "add": 1,
        "modify": 3,
        "replace": 1,
        "may replace": 0,
        "remove": 2,
        "leave": 1,
    }
    assert [gone["resource"] for gone in data["destroys"] if gone["allow"]] == [
        "Sessions/Replicas/us-east-1",
        "Ranking",
    ]
    assert "templates" not in data
