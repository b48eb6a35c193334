"""`plan` and `deploy` as a person types them, against the sandbox."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from generator.errors import Exit
from generator.sandbox.process import running
from tests.cli.conftest import CHECKOUT, Run
from tests.local_aws import Account

SECONDS_AN_INSTANCE = "2"


@pytest.fixture
def built(gtm: Run, checkout: Path) -> Run:
    """The command line, in a checkout in which prod was built, over two of its Regions."""
    settings = checkout / "parameters/prod.yaml"
    first, _, rest = settings.read_text().partition("  - name: eu-west-1")
    settings.write_text(first + rest[rest.index("zones:") :])
    assert gtm("build", "--env", "prod", "--no-lint").returncode == Exit.DONE
    return gtm


def test_it_deploys_and_then_has_nothing_to_do(built: Run, account: Account) -> None:
    first = built("deploy", "--env", "prod", "--yes", **account.environment())
    assert first.returncode == Exit.DONE, first.stderr
    assert "regional@us-east-1" in first.stdout
    second = built("deploy", "--env", "prod", "--yes", **account.environment())
    assert second.returncode == Exit.DONE, second.stderr
    assert "nothing to do" in second.stdout


def test_what_was_not_built_is_bad_input(gtm: Run, account: Account) -> None:
    done = gtm("deploy", "--env", "staging", "--yes", **account.environment())
    assert done.returncode == Exit.BAD_INPUT
    assert "python -m generator build --env staging" in done.stderr


def test_without_an_answer_nothing_is_done(built: Run, account: Account) -> None:
    done = built("deploy", "--env", "prod", **account.environment())
    assert done.returncode != Exit.DONE
    stacks = account.client("cloudformation", "ap-northeast-2").describe_stacks()["Stacks"]
    assert stacks == []


def test_express_mode_is_refused_beyond_dev(built: Run, account: Account) -> None:
    done = built("plan", "--env", "prod", "--express", **account.environment())
    assert done.returncode == Exit.REFUSED
    assert "express mode is for dev only" in done.stderr


def test_a_plan_is_saved_and_executed(built: Run, account: Account, tmp_path: Path) -> None:
    file = str(tmp_path / "plan.json")
    planned = built("plan", "--env", "prod", "--out", file, **account.environment())
    assert planned.returncode == Exit.DONE, planned.stderr
    assert json.loads(Path(file).read_text())
    done = built("deploy", "--env", "prod", "--plan", file, "--yes", **account.environment())
    assert done.returncode == Exit.DONE, done.stderr
    again = built("deploy", "--env", "prod", "--plan", file, "--yes", **account.environment())
    assert again.returncode == Exit.REFUSED
    assert "what stands changed" in again.stderr


def test_a_plan_is_executed_home_first_and_then_the_rest(
    built: Run, account: Account, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    where = ("--env", "prod", "--plan", plan, "--yes")
    assert built("plan", "--env", "prod", "--out", plan, **account.environment()).returncode == 0
    other = built("deploy", *where, "--plan-sha256", "0" * 64, **account.environment())
    assert other.returncode == Exit.REFUSED
    assert "another plan than was approved" in other.stderr
    approved = hashlib.sha256(Path(plan).read_bytes()).hexdigest()
    home = built(
        *("deploy", *where, "--until", "home", "--plan-sha256", approved), **account.environment()
    )
    assert home.returncode == Exit.DONE, home.stderr
    assert "steps are left" in home.stdout
    assert "regional@us-east-1" not in home.stdout
    rest = built("deploy", *where, **account.environment())
    assert rest.returncode == Exit.DONE, rest.stderr
    assert "regional@us-east-1" in rest.stdout


def test_another_build_than_the_one_promoted_is_refused(
    built: Run, account: Account, checkout: Path
) -> None:
    asked = ("deploy", "--env", "prod", "--yes", "--manifest")
    other = built(*asked, "0" * 64, **account.environment())
    assert other.returncode == Exit.REFUSED
    assert "another build than was asked for" in other.stderr
    manifest = (checkout / "build/prod/manifest.json").read_bytes()
    promoted = ("plan", "--env", "prod", "--manifest", hashlib.sha256(manifest).hexdigest())
    assert built(*promoted, **account.environment()).returncode == Exit.DONE


def test_ctrl_c_leaves_cloudformation_at_work_and_says_how_to_come_back(
    built: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stack set instances are slow here, so that there is something to leave."""
    monkeypatch.setenv("SANDBOX_INSTANCE_SECONDS", SECONDS_AN_INSTANCE)
    with running() as sandbox:
        environment = sandbox.environment("300000000001", "us-east-1")
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "generator", "deploy", "--env", "prod", "--yes"],
            cwd=checkout,
            env={**environment, "PYTHONPATH": str(CHECKOUT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert any("add-instances: started" in line for line in process.stdout)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == Exit.INTERRUPTED
        assert "run deploy again" in errors
        done = built("deploy", "--env", "prod", "--yes", **environment)
        assert done.returncode == Exit.DONE, done.stderr
