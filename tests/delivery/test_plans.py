"""What deliveries ask of `plan` and `deploy`: plans that only read, and plans in two goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from generator.cli.plan_markdown import LONGEST, plan_as_markdown
from generator.deploy.rollout import plan
from generator.layers import github_actions
from generator.settings.model import Settings
from tests.cli.typed import type_in
from tests.deploy.conftest import Deployer, deployer, prod
from tests.layers.delivering import delivering
from tests.layers.support import filled
from tests.policies.grants import actions, covers

__all__ = ["deployer"]

ACTION_OF = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadBucket": "s3:ListBucket"}


def small(**changes: object) -> Settings:
    """prod in one Region."""
    return prod(regions=[{"name": "ap-northeast-2"}], **changes)


def changed() -> Settings:
    """The same, with something to do in its Region only."""
    return small(compute={"maximum_instances": 30})


def test_without_change_sets_a_plan_only_reads_and_the_plan_role_may(deployer: Deployer) -> None:
    deployer.deploy(small())
    desk = deployer.desk(changed())
    made = plan(desk, change_sets=False)
    assert [step.id for step in made.steps if step.kind == "stack"] == ["regional@ap-northeast-2"]
    assert desk.aws.mutating_calls == 0
    role = filled(github_actions.LAYER, delivering())["Resources"]["PlanRole"]
    called = {ACTION_OF.get(call, call) for call in desk.aws.calls} - {"sts:GetCallerIdentity"}
    assert called
    assert not [action for action in called if not covers(actions([role]), action)]


def test_a_plan_that_home_is_all_of_leaves_nothing_to_the_rest(
    deployer: Deployer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "setup.cfg").touch()
    monkeypatch.chdir(tmp_path)
    deployer.deploy(small())
    deployer.build(changed())
    file = str(tmp_path / "plan.json")
    assert type_in("plan", "--env", "prod", "--bake", "0", "--out", file).code == 0
    common = ("deploy", "--env", "prod", "--plan", file, "--yes")
    home = type_in(*common, "--until", "home")
    assert home.code == 0, home.err
    rest = type_in(*common)
    assert rest.code == 0, rest.err
    assert "nothing to do" in rest.out


def test_markdown_says_the_sums_first_and_is_no_markup(deployer: Deployer) -> None:
    made = plan(deployer.desk(small()), change_sets=False)
    text = plan_as_markdown(made)
    head, _, details = text.partition("<details>")
    assert head.startswith("### prod\n\n")
    assert " to add, " in head.splitlines()[2]
    assert "| database\\_key@ap-northeast-2 | create |" in details
    assert len(text) < LONGEST + 1000
    nothing = plan_as_markdown(replace(made, steps=()))
    assert nothing.startswith("### prod\n\n0 to add, 0 to change")
    assert "<details>" not in nothing
