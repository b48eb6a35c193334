"""`loadtest --in-aws`: what it says before anything starts, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from generator.build.release import build_release
from generator.build.write import replace_tree
from generator.cli import in_aws
from generator.cli.console import open_console
from generator.cli.in_aws import Generators
from generator.errors import GtmError, Refused, UsageError
from generator.settings.model import Settings
from generator.settings.sections import LoadGenerator, Organization
from loadtest.remote.driving import Brought
from loadtest.remote.order import STOPPED
from loadtest.target import Load
from tests.cli.typed import type_in
from tests.layers.support import settings
from tests.loadtest.profiles import profile
from tests.local_aws import Account

REGIONS = ["eu-west-1", "us-east-1"]
CHOSEN = settings(load_generator=LoadGenerator(regions=REGIONS, workers=3, longest_minutes=10))


@pytest.fixture
def account_here(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    for name, value in account.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return account


def built(folder: Path, chosen: Settings = CHOSEN) -> Path:
    replace_tree(folder / "test", build_release(chosen).files())
    return folder / "test"


def load(folder: Path, seconds: int = 60) -> Load:
    shape = {"kind": "steady", "users": 9, "ramp_seconds": 0, "seconds": seconds}
    ceiling = {"requests_per_second": 500, "seconds": 7200}
    asked = profile(folder, shape=shape, ceiling=ceiling)
    return Load(profile=asked, host="https://127.0.0.1", out=folder / "out")


def test_it_says_where_the_load_comes_from_and_how_much_each_region_may_send(
    account_here: Account, tmp_path: Path
) -> None:
    said = "\n".join(Generators(built(tmp_path), load(tmp_path)).announce())
    assert "from eu-west-1, us-east-1:" in said
    assert "never above 250 requests/s of each" in said
    assert "8 instances c7g.large, masters and workers: 2 Regions x (1 + 3)" in said


def test_the_load_is_split_over_the_regions_of_this_account(
    account_here: Account, tmp_path: Path
) -> None:
    sites = Generators(built(tmp_path), load(tmp_path)).sites
    assert [str(site.order.variables["LOADTEST_SHARE"]) for site in sites] == ["1/2", "2/2"]
    assert len({site.order.id for site in sites}) == 1
    names = [site.bucket.name for site in sites]
    assert names == [f"gtm-test-loadtests-{account_here.id}-{region}" for region in REGIONS]


def test_regions_that_were_switched_off_before_they_sent_are_told_apart_from_ctrl_c(
    account_here: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 130 is for a person who broke it off."""
    generators, lost = Generators(built(tmp_path), load(tmp_path)), dict.fromkeys(REGIONS, STOPPED)
    monkeypatch.setattr(in_aws, "drive", lambda *_: Brought({}, lost))
    with pytest.raises(GtmError, match="nothing was measured\n    eu-west-1: interrupted"):
        generators.run(open_console(), tmp_path / "out")
    monkeypatch.setattr(in_aws, "drive", lambda *_: Brought({}, lost, interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        generators.run(open_console(), tmp_path / "out")


def test_a_load_longer_than_load_generators_live_is_refused(
    account_here: Account, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="lasts 20 minutes, and load generators are switched off"):
        Generators(built(tmp_path), load(tmp_path, seconds=1200))


def test_tables_are_not_loaded_from_an_organizations_accounts(
    account_here: Account, tmp_path: Path
) -> None:
    """Their load generators have no rights there, and would find out minutes later."""
    organization = Organization(id="o-a1b2c3d4e5", organizational_units=["ou-ab12-cd34ef56"])
    chosen = settings(load_generator=LoadGenerator(), organization=organization)
    asked = replace(load(tmp_path), target="table", host="")
    with pytest.raises(Refused, match="no rights on the platform's tables\n    leave --in-aws"):
        Generators(built(tmp_path, chosen), asked)


def test_an_environment_without_load_generators_is_told_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no load generators\n    add the section"):
        Generators(built(tmp_path, settings()), load(tmp_path))


def test_a_host_that_nobody_named_is_refused_before_anything_starts(
    tmp_path: Path,
) -> None:
    path = str(load(tmp_path).profile.path)
    words = ("--profile", path, "--host", "https://example.org", "--in-aws", "--yes")
    done = type_in("loadtest", *words)
    assert done.code == 3
    assert "example.org is named neither" in done.err
