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

from tests.delivery.commands import (
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
    assert promoted["prod"]["needs"] == ["build", "staging"]
    assert promoted["staging"]["with"]["manifests"] == promoted["prod"]["with"]["manifests"]


def test_no_input_of_others_is_written_into_a_script() -> None:
    for name, command in every_command():
        assert "${{" not in command, name


def test_the_build_is_the_same_in_both() -> None:
    script = [line for command in of_job("build.yml", "build") for line in command.splitlines()]
    building = [line for line in of_buildspec("build") if re.match(r"make check|python|for ", line)]
    assert [line for line in script if not line.startswith("echo")] == building
    hashes = r"\$\(sha256sum .*\| xargs\)"
    ways = [re.search(hashes, "\n".join(text)) for text in (script, of_buildspec("build"))]
    assert ways[0]
    assert ways[1]
    assert ways[0][0] == ways[1][0]


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


@pytest.mark.parametrize("known, method", [("", "POST"), ("42", "PATCH")])
def test_there_is_one_comment_and_it_is_kept_up_to_date(
    known: str, method: str, tmp_path: Path
) -> None:
    plans = tmp_path / "plans" / "plan-staging"
    plans.mkdir(parents=True)
    (plans / "plan.md").write_text("### staging\n")
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$*" >> calls\ncase "$*" in *--jq*) echo {known};; esac\n')
    gh.chmod(0o755)
    (script,) = of_job("plan.yml", "comment")
    subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "COMMENTS": "all", "COMMENT": "one"},
        check=True,
    )
    last = (tmp_path / "calls").read_text().splitlines()[-1]
    assert f"--method {method} {'one/42' if known else 'all'} " in last
    assert (tmp_path / "comment.md").read_text() == "<!-- gtm plan -->\n### staging\n"
