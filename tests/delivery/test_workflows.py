"""Workflows and buildspecs: valid, pinned, with the least rights, and of commands that exist."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests import browser
from tests.delivery.commands import (
    BUILDSPECS,
    CHECKOUT,
    WORKFLOWS,
    every_command,
    of_buildspec,
    of_job,
    spec,
    workflow,
)
from tests.test_docs import OPTION, offered

VENDORED = files("check_jsonschema.builtin_schemas") / "vendor"
NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
ACTIONS = sorted(CHECKOUT.glob(".github/actions/*/action.yml"))
COMMENT = workflow("plan.yml")["jobs"]["comment"]


def schema(name: str) -> Any:
    return json.loads((VENDORED / f"{name}.json").read_text(encoding="utf-8"))


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{name}: {job}", body) for name in NAMES for job, body in workflow(name)["jobs"].items()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_is_valid(name: str) -> None:
    # YAML 1.1 reads the key `on` as true; GitHub, like the schema, does not.
    data = {key if isinstance(key, str) else "on": value for key, value in workflow(name).items()}
    jsonschema.validate(data, schema("github-workflows"))


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.parent.name)
def test_an_action_is_valid(path: Path) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(data, schema("github-actions"))


@pytest.mark.parametrize("path", [*sorted(WORKFLOWS.glob("*.yml")), *ACTIONS], ids=lambda p: p.name)
def test_what_others_wrote_is_pinned_to_a_commit(path: Path) -> None:
    for used in re.findall(r"uses: (\S+)(.*)", path.read_text(encoding="utf-8")):
        if not used[0].startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", used[0])
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", used[1])


def test_a_workflow_has_no_right_that_it_does_not_ask_for() -> None:
    for name in NAMES:
        assert workflow(name)["permissions"] in ({}, {"contents": "read"})
    tokens = {name for name, body in jobs() if "id-token" in body.get("permissions", {})}
    assert tokens == {
        "plan.yml: plan",
        *("rollout.yml: plan", "rollout.yml: deploy"),
        *("deploy.yml: staging", "deploy.yml: prod"),
    }
    writers = {n for n, body in jobs() if "pull-requests" in body.get("permissions", {})}
    assert writers == {"plan.yml: comment"}
    assert "actions/checkout" not in json.dumps(COMMENT)  # it runs nothing of the pull request


def test_no_secret_is_named_anywhere() -> None:
    for name in NAMES:
        assert "secrets." not in (WORKFLOWS / name).read_text(encoding="utf-8")


def test_pull_requests_of_forks_get_no_token() -> None:
    condition = workflow("plan.yml")["jobs"]["build"]["if"]
    assert "head.repo.full_name == github.repository" in condition


def test_only_what_deploys_waits_for_the_environment() -> None:
    waiting = {name for name, body in jobs() if "environment" in body}
    assert waiting == {"rollout.yml: deploy"}
    promoted = workflow("deploy.yml")["jobs"]
    assert promoted["checks"]["uses"] == "./.github/workflows/checks.yml"
    assert promoted["build"]["needs"] == "checks"
    assert promoted["prod"]["needs"] == ["build", "staging"]
    assert promoted["staging"]["with"]["manifests"] == promoted["prod"]["with"]["manifests"]


def test_no_input_of_others_is_written_into_a_script() -> None:
    for name, command in every_command():
        assert "${{" not in command, name


def test_the_build_is_the_same_in_both() -> None:
    script = [line for command in of_job("build.yml", "build") for line in command.splitlines()]
    building = [
        line
        for line in of_buildspec("build")
        if re.match(r"make fast|python|for |MANIFESTS=", line)
    ]
    assert [line for line in script if not line.startswith(("echo", "#"))] == building


def test_no_test_is_skipped_for_want_of_a_program() -> None:
    """Where a browser or JMeter is absent, the job ends before its tests."""
    install, test = of_job("checks.yml", "test")
    assert install.split()[0] in browser.NAMES
    assert install.split()[-2:] == ["jmeter", "jmeter-http"]
    assert test == "make test"


def test_main_is_tested_once_a_push() -> None:
    events = {name: set(workflow(name)[True]) for name in NAMES}
    assert [name for name in NAMES if "push" in events[name]] == ["deploy.yml"]
    assert events["checks.yml"] == {"pull_request", "workflow_call"}


def test_what_plans_and_deploys_installs_no_more_than_it_runs_and_from_no_shared_cache() -> None:
    (action,) = ACTIONS
    used = action.read_text(encoding="utf-8")
    assert "make .venv/.deploy" in used
    for text in (used, *((WORKFLOWS / name).read_text(encoding="utf-8") for name in NAMES)):
        assert not re.search(r"^\s+cache", text, re.MULTILINE)
        assert "actions/cache" not in text
    for name in BUILDSPECS:
        assert of_buildspec(name)[0] == "make .venv/.deploy"
        assert "cache" not in spec(name)


def test_what_is_deployed_is_what_was_planned_by_its_hash() -> None:
    jobs_of = workflow("rollout.yml")["jobs"]
    said = {"plan-sha256": "${{ steps.plan.outputs.plan-sha256 }}"}
    assert jobs_of["plan"]["outputs"] == said
    told = [step["env"]["PLAN_SHA256"] for step in jobs_of["deploy"]["steps"] if "env" in step]
    assert told == [
        "${{ needs.plan.outputs.plan-sha256 }}",
        "${{ steps.home.outputs.rest-sha256 }}",
    ]
    deploying = [
        *of_job("rollout.yml", "deploy"),
        *of_buildspec("home_region"),
        *of_buildspec("rest"),
    ]
    commands = [text for text in deploying if " deploy " in text]
    assert len(commands) == 4
    assert all('--plan plan.json --plan-sha256 "$PLAN_SHA256"' in text for text in commands)


def test_whoever_approves_is_shown_every_change() -> None:
    for command in (*of_job("rollout.yml", "plan"), *of_buildspec("plan")):
        if " plan --env" in command:
            assert "--no-change-sets --all --out" in command


def test_plans_of_pull_requests_are_artifacts_only_as_what_the_comment_says() -> None:
    steps = workflow("rollout.yml")["jobs"]["plan"]["steps"]
    words, data = (step for step in steps if "upload-artifact" in step.get("uses", ""))
    assert words["with"]["path"] == "plan.md"
    assert "!inputs.deploy" in words["if"]
    assert data["with"]["path"] == "plan.json"
    assert data["if"] == "inputs.deploy"
    assert words["with"]["retention-days"] == data["with"]["retention-days"] == 1


def test_every_command_and_option_exists() -> None:
    targets = re.findall(r"^(\S+):(?!=)", (CHECKOUT / "Makefile").read_text(), re.MULTILINE)
    known = {target.replace("$(VENV)", ".venv") for target in targets}
    for name, text in every_command():
        for made in re.findall(r"^make (\S+)", text, re.MULTILINE):
            assert made in known, name
        for command, rest in re.findall(r"python -m generator (\S+)([^;|\n]*)", text):
            assert command in offered(), name
            assert set(re.findall(OPTION, rest)) <= offered(command), name


def test_what_travels_is_there() -> None:
    """Patterns of artifacts name what a checkout, or the commands before, have."""
    made = {"build/**/*", "plan.json"}
    for name in ("build", "plan", "home_region"):
        for pattern in set(spec(name)["artifacts"]["files"]) - made:
            assert next(CHECKOUT.glob(pattern), None), pattern


def commented(folder: Path, known: str = "") -> str:
    """What the comment says; the calls of `gh` are in the folder."""
    gh = folder / "gh"
    gh.write_text(f'#!/bin/sh\necho "$*" >> calls\ncase "$*" in *--jq*) echo {known};; esac\n')
    gh.chmod(0o755)
    (script,) = of_job("plan.yml", "comment")
    told = {"COMMENTS": "all", "COMMENT": "one", "HEAD_SHA": "0c6afbad", "RUN": "https://run"}
    told |= {"ENVIRONMENTS": "staging prod", "PATH": f"{folder}:/usr/bin:/bin"}
    subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=told, check=True)
    return (folder / "comment.md").read_text()


def planned(folder: Path, name: str, text: str) -> None:
    file = folder / "plans" / f"plan-{name}" / "plan.md"
    file.parent.mkdir(parents=True)
    file.write_text(text)


@pytest.mark.parametrize("known, method", [("", "POST"), ("42", "PATCH")])
def test_there_is_one_comment_and_it_is_kept_up_to_date(
    known: str, method: str, tmp_path: Path
) -> None:
    planned(tmp_path, "staging", "### staging\n")
    planned(tmp_path, "prod", "### prod\n")
    said = commented(tmp_path, known)
    last = (tmp_path / "calls").read_text().splitlines()[-1]
    assert f"--method {method} {'one/42' if known else 'all'} " in last
    assert said == "<!-- gtm plan -->\nPlan of 0c6afbad\n\n### staging\n\n### prod\n"


def test_the_comment_says_which_environment_has_no_plan(tmp_path: Path) -> None:
    planned(tmp_path, "staging", "### staging\n")
    assert "### prod\n\nno plan for prod: see [its job](https://run)\n" in commented(tmp_path)
    assert "no plan" in commented(tmp_path)
    assert "!cancelled()" in COMMENT["if"]
    assert COMMENT["needs"] == ["build", "plan"]
    matrix = workflow("plan.yml")["jobs"]["plan"]["strategy"]["matrix"]
    assert COMMENT["steps"][-1]["env"]["ENVIRONMENTS"].split() == matrix["environment"]


def test_the_comment_is_short_enough_for_github_as_a_whole(tmp_path: Path) -> None:
    for name in ("staging", "prod"):
        planned(tmp_path, name, f"### {name}\n\n<details>\n" + "| ü |\n" * 9000 + "</details>\n")
    said = commented(tmp_path)
    assert 50_000 < len(said) < 65_536
    assert said.count("(cut here: [the log of its job](https://run) has all of it)") == 2
    assert said.count("<details>") == said.count("</details>") == 2
