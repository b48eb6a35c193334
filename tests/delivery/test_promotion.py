"""One build, promoted: the files' own commands in their order, against the sandbox.

The pipeline's buildspecs bring it to staging, the workflow's steps bring the same build to prod.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from generator.errors import Exit
from tests.delivery.commands import CHECKOUT, Machine, artifact, of_job
from tests.local_aws import Account

SETTINGS = """
environment: {name}
home_region: us-east-1
regions: [{{name: us-east-1}}]
zones: 2
rollout: {{bake_minutes: 0}}
"""
ENVIRONMENTS = "staging prod"
DEPLOYER = "arn:aws:iam::111122223333:role/gtm-staging-deployer"


@pytest.fixture
def machine(account: Account, tmp_path: Path) -> Machine:
    """Where commands run: with the sandbox for AWS."""
    return Machine(tmp_path / "tools", account.environment())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """What was pushed: a checkout whose environments are small."""
    folder = tmp_path / "source"
    (folder / "parameters").mkdir(parents=True)
    for name in ENVIRONMENTS.split():
        (folder / "parameters" / f"{name}.yaml").write_text(SETTINGS.format(name=name))
    shutil.copy(CHECKOUT / "setup.cfg", folder)
    return folder


def standing(account: Account) -> set[str]:
    """Stacks that stand."""
    found = account.client("cloudformation").describe_stacks()["Stacks"]
    return {stack["StackName"] for stack in found if "ParentId" not in stack}


def test_one_build_reaches_every_environment(
    machine: Machine, source: Path, account: Account, tmp_path: Path
) -> None:
    built = machine.build("build", source, ENVIRONMENTS=ENVIRONMENTS)
    assert built.code == Exit.DONE, built.text
    assert "make check" in machine.made
    manifests = built.exported["MANIFESTS"]
    assert manifests.count("/manifest.json") == 2
    release = artifact("build", source, tmp_path / "release")

    by_pipeline(machine, release, manifests, tmp_path)
    assert {"gtm-staging-regional", "gtm-staging-edge"} <= standing(account)
    assert not any(name.startswith("gtm-prod") for name in standing(account))

    by_workflow(machine, release, manifests, tmp_path)
    assert {"gtm-prod-regional", "gtm-prod-edge"} <= standing(account)


def by_pipeline(machine: Machine, release: Path, manifests: str, tmp_path: Path) -> None:
    """staging, as CodePipeline does it: each action has what the one before it handed on."""
    told = {"ENVIRONMENT": "staging", "MANIFESTS": manifests, "DEPLOYER": DEPLOYER}
    here = release
    for name in ("plan", "home_region", "rest"):
        done = machine.build(name, here, CODEBUILD_BUILD_URL="https://log", **told)
        assert done.code == Exit.DONE, f"{name}: {done.text}"
        if name == "plan":
            assert " to add, " in done.exported["SUMMARY"]
            assert done.exported["LOG"] == "https://log"
        if name != "rest":
            here = artifact(name, here, tmp_path / name)
    assert_another_build_is_refused(machine, here, told)


def assert_another_build_is_refused(machine: Machine, here: Path, told: dict[str, str]) -> None:
    manifest = here / "build" / "staging" / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    done = machine.build("rest", here, **told)
    assert done.code == Exit.REFUSED, done.text
    assert "another build than was asked for" in done.text


def by_workflow(machine: Machine, release: Path, manifests: str, tmp_path: Path) -> None:
    """prod, as GitHub does it: two jobs, each with the code, the build, and then the plan."""
    summary = tmp_path / "summary.md"
    told = {
        "ENVIRONMENT": "prod",
        "MANIFESTS": manifests,
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    machine.run(["make .venv/.runtime"], release)
    path = 'export PATH="$PWD/.venv/bin:$PATH"'
    for job in ("plan", "deploy"):
        for command in of_job("rollout.yml", job):
            done = machine.run([path, command], release, (), **told)
            assert done.code == Exit.DONE, f"{job}: {done.text}"
    assert summary.read_text().startswith("### prod\n")
