"""A command imports what it uses and nothing else: start-up is what people wait for most often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

HEAVY = {"boto3", "botocore", "cfnlint", "watchfiles", "jsonschema", "hypothesis", "matplotlib"}


def imported(stderr: str) -> set[str]:
    lines = [line for line in stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in lines}


@pytest.mark.parametrize(
    "words, absent",
    [
        (["--help"], HEAVY | {"troposphere", "awacs", "yaml"}),
        (["build", "--help"], HEAVY | {"troposphere", "awacs", "yaml"}),
        (["build", "--no-lint"], HEAVY | {"rich"}),
        (["build", "--env", "reference", "--check"], HEAVY | {"rich"}),
    ],
)
def test_what_a_command_does_not_use_is_not_imported(
    gtm: Run, checkout: Path, words: list[str], absent: set[str]
) -> None:
    done = gtm(*words, PYTHONPROFILEIMPORTTIME="1")
    found = imported(done.stderr)
    assert "typer" in found, "nothing was measured"
    assert found & absent == set()


def test_an_unchanged_build_does_not_start_cfn_lint(gtm: Run, checkout: Path) -> None:
    assert gtm("build").returncode == 0
    done = gtm("build", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "cfnlint" not in imported(done.stderr)
    assert "0 linted, " in done.stdout
