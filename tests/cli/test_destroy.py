"""`destroy` as a person types it: what must be typed before anything goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.cli import destroy as the_command
from tests.cli.typed import type_in
from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account
from tests.standing import OTHER, Standing


@pytest.mark.usefixtures("standing")
@pytest.mark.parametrize(
    ("words", "answer", "said"),
    [
        (("--yes",), "", "--yes is not enough for prod"),
        (("--confirm", "dev"), "", "--confirm dev is not prod"),
        ((), "yes\n", "not confirmed"),
        ((), "", "not confirmed"),
    ],
)
def test_nothing_goes_unless_the_name_is_typed(
    standing: Standing, words: tuple[str, ...], answer: str, said: str
) -> None:
    typed = type_in("destroy", "--env", "prod", *words, answer=answer)
    assert typed.code == 3
    assert said in typed.err
    client = standing.account.client("cloudformation", OTHER)
    assert client.describe_stacks(StackName="gtm-prod-regional")["Stacks"]


@pytest.mark.usefixtures("standing")
def test_what_goes_and_what_stays_is_shown_before_anybody_is_asked() -> None:
    typed = type_in("destroy", "--env", "prod", "--delete-buckets", answer="no\n")
    shown = typed.out
    assert "what stays" in shown
    assert "gtm-prod-sessions" in shown
    assert "keeps its items" in shown
    assert shown.count("deletion protection is turned off first:") == 2
    assert (
        "an administrator's rights are needed for: gtm-prod-foundation, gtm-prod-storage" in shown
    )
    assert shown.count("emptied and deleted") == 4


def test_the_name_typed_destroys_and_a_second_time_nothing_stands(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    Deployer(tmp_path).deploy(prod(home_region=OTHER, regions=[{"name": OTHER}]))
    (tmp_path / "parameters").mkdir()
    (tmp_path / "setup.cfg").touch()
    monkeypatch.chdir(tmp_path)
    typed = type_in("destroy", "--env", "prod", answer="prod\n")
    assert typed.code == 0, typed.err
    assert typed.out.rstrip().endswith("done")
    again = type_in("destroy", "--env", "prod", "--confirm", "prod")
    assert again.code == 0
    assert again.out.startswith("prod: nothing stands")
    assert f"gtm-prod-artifacts-{account.id}-{OTHER}" in again.out
    status = type_in("status", "--env", "prod")
    assert (status.code, status.out) == (
        0,
        f"prod: nothing stands in account {account.id}\n",
    )


def test_only_dev_is_destroyed_by_yes() -> None:
    assert the_command.FREELY == "dev"
