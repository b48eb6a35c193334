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
    assert "make fast" in machine.made
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
    planned = machine.build("plan", release, CODEBUILD_BUILD_URL="https://log", **told)
    assert planned.code == Exit.DONE, planned.text
    assert " to add, " in planned.exported["SUMMARY"]
    assert planned.exported["LOG"] == "https://log"
    assert f"plan SHA-256 {planned.exported['PLAN_SHA256']}" in planned.text
    here = artifact("plan", release, tmp_path / "plan")
    told["PLAN_SHA256"] = planned.exported["PLAN_SHA256"]
    home = machine.build("home_region", here, **told)
    assert home.code == Exit.DONE, home.text
    here = artifact("home_region", here, tmp_path / "home_region")
    assert_another_plan_is_refused(machine, here, told)
    told["PLAN_SHA256"] = home.exported["REST_SHA256"]
    rest = machine.build("rest", here, **told)
    assert rest.code == Exit.DONE, rest.text
    assert_another_build_is_refused(machine, here, told)


def assert_another_plan_is_refused(machine: Machine, here: Path, told: dict[str, str]) -> None:
    """What is left is not what was approved: it has a hash of its own."""
    done = machine.build("rest", here, **told)
    assert done.code == Exit.REFUSED, done.text
    assert "another plan than was approved" in done.text


def assert_another_build_is_refused(machine: Machine, here: Path, told: dict[str, str]) -> None:
    manifest = here / "build" / "staging" / "manifest.json"
    manifest.write_text(manifest.read_text() + "\n")
    done = machine.build("rest", here, **told)
    assert done.code == Exit.REFUSED, done.text
    assert "another build than was asked for" in done.text


def test_a_build_without_one_of_its_environments_fails(machine: Machine, tmp_path: Path) -> None:
    """As each service runs it; what builds and lints is the business of other tests."""
    machine.tool("python", "#!/bin/sh\n")
    machine.tool("make", "#!/bin/sh\n")
    manifest = tmp_path / "build" / "staging" / "manifest.json"
    manifest.parent.mkdir(parents=True)
    manifest.touch()
    told = {"ENVIRONMENTS": ENVIRONMENTS}
    codebuild = machine.build("build", tmp_path, **told)
    assert codebuild.code != 0
    assert "prod/manifest.json" in codebuild.text
    assert not codebuild.exported
    github = machine.step(of_job("build.yml", "build")[-1], tmp_path, **told)
    assert github.code != 0
    assert not github.exported
    (tmp_path / "build" / "prod").mkdir()
    (tmp_path / "build" / "prod" / "manifest.json").touch()
    assert machine.build("build", tmp_path, **told).exported["MANIFESTS"].count("manifest") == 2


def by_workflow(machine: Machine, release: Path, manifests: str, tmp_path: Path) -> None:
    """prod, as GitHub does it: two jobs, each with the code, the build, and then the plan."""
    summary = tmp_path / "summary.md"
    told = {
        "ENVIRONMENT": "prod",
        "MANIFESTS": manifests,
        "GITHUB_STEP_SUMMARY": str(summary),
        "PATH": f"{release}/.venv/bin:{machine.path}",
    }
    machine.step("make .venv/.deploy", release)
    (plan,) = of_job("rollout.yml", "plan")
    home, rest = of_job("rollout.yml", "deploy")
    for command, said in ((plan, "plan-sha256"), (home, "rest-sha256"), (rest, "")):
        done = machine.step(command, release, **told)
        assert done.code == Exit.DONE, done.text
        told["PLAN_SHA256"] = done.exported.get(said, "")
        assert bool(said) == bool(told["PLAN_SHA256"])
    assert summary.read_text().startswith("### prod\n")
    assert "plan SHA-256 `" in summary.read_text()
