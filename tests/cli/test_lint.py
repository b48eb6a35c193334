"""`lint` and `explain` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_what_is_built_is_linted_from_the_files(gtm: Run, checkout: Path) -> None:
    gtm("build", "--no-lint")
    done = gtm("lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "templates clean" in done.stdout
    assert "0 of them linted now" in gtm("lint").stdout


def test_a_file_changed_after_the_build_breaks_the_contract(gtm: Run, checkout: Path) -> None:
    gtm("build", "--no-lint")
    manifest = checkout / "build/dev/manifest.json"
    body = json.loads(manifest.read_text())
    next(u for u in body["rollout"] if u["layer"] == "edge")["carried"] = {}
    manifest.write_text(json.dumps(body))
    done = gtm("lint")
    assert done.returncode == 1
    assert "contract  edge-" in done.stdout
    assert "has neither a source nor a default" in done.stdout


def test_what_is_not_built_says_how_to_build_it(gtm: Run) -> None:
    done = gtm("lint", "--env", "prod")
    assert done.returncode == 2
    assert "python -m generator build --env prod" in done.stderr


def test_a_finding_is_shown_with_its_fix(gtm: Run, checkout: Path) -> None:
    broken = checkout / "broken.template.json"
    broken.write_text(json.dumps({"Resources": {"Logs": {"Type": "AWS::Logs::LogGroup"}}}))
    done = gtm("lint", str(broken))
    assert done.returncode == 1
    assert "E9002" in done.stdout
    assert "Fix: " in done.stdout
    assert "findings, 0 breaches" in done.stderr


def test_a_missing_file_is_named(gtm: Run) -> None:
    done = gtm("lint", "none.template.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "none.template.json" in done.stderr


def test_explain_shows_the_whole_platform(gtm: Run) -> None:
    lines = gtm("explain").stdout.splitlines()
    steps = [line.split()[0] for line in lines if line.strip()[:2].isdigit()]
    assert sorted(set(steps)) == [f"{step:02}" for step in range(1, 12)]


def test_explain_says_what_a_layer_makes_and_why(gtm: Run) -> None:
    for topic in ("network", "01"):
        text = gtm("explain", topic).stdout
        assert "AWS::EC2::VPC" in text
        assert "PublicSubnetIds" in text
        assert "VpcCidr" in text


def test_explain_says_what_a_rule_wants(gtm: Run) -> None:
    text = gtm("explain", "E9002").stdout
    assert "Risk: " in text
    assert "Fix: " in text
    assert "https://docs.aws.amazon.com/" in text


def test_explain_of_what_is_not_there_lists_what_is(gtm: Run) -> None:
    done = gtm("explain", "netwrok")
    assert done.returncode == 2
    assert "network" in done.stderr
    assert gtm("explain", "E9999").returncode == 2


def test_a_region_that_is_not_there_is_named(gtm: Run, checkout: Path) -> None:
    (checkout / "a.template.json").write_text("{}")
    done = gtm("lint", "a.template.json", "--region", "moon-1")
    assert done.returncode == 2
    assert "no such Region: moon-1" in done.stderr


def test_what_is_no_text_is_a_finding(gtm: Run, checkout: Path) -> None:
    (checkout / "a.template.json").write_bytes(bytes(range(256)))
    done = gtm("lint", "a.template.json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "a.template.json:" in done.stdout
