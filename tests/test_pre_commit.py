"""The pre-commit hooks, for real, in a temporary git repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copy(CHECKOUT / ".pre-commit-config.yaml", tmp_path)
    shutil.copytree(CHECKOUT / "generator/checks/rules", tmp_path / "generator/checks/rules")
    (tmp_path / "templates").mkdir()
    # The hooks call the environment that `make build` made; here it is the one that runs the tests.
    (tmp_path / ".venv").symlink_to(sys.prefix)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "user.email", "test@example.com")
    git(tmp_path, "config", "user.name", "Test")
    run(tmp_path, ".venv/bin/pre-commit", "install")
    return tmp_path


def run(cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    env = {
        **clean,
        "PRE_COMMIT_HOME": str(cwd / ".pre-commit-home"),
        "http_proxy": "http://127.0.0.1:9",
    }
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def git(cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(cwd, "git", *words)


def commit(cwd: Path, *paths: str) -> subprocess.CompletedProcess[str]:
    git(cwd, "add", *paths)
    return git(cwd, "commit", "-m", "try")


def test_the_committed_templates_pass(repository: Path) -> None:
    for name in ("network", "load_balancer", "cache"):  # a build checks all of them
        shutil.copy(CHECKOUT / f"templates/{name}.template.json", repository / "templates")
    done = commit(repository, "templates")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_template_against_our_rules_is_blocked(repository: Path) -> None:
    body = {"Resources": {"Logs": {"Type": "AWS::Logs::LogGroup"}}}
    (repository / "templates/bad.template.json").write_text(json.dumps(body))
    done = commit(repository, "templates")
    assert done.returncode != 0
    assert "E9002" in done.stdout + done.stderr
    assert git(repository, "log", "--oneline").stdout == ""


def test_a_template_against_cloudformation_is_blocked(repository: Path) -> None:
    body = {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"Cidr": "x"}}}}
    (repository / "templates/bad.template.json").write_text(json.dumps(body))
    done = commit(repository, "templates")
    assert done.returncode != 0
    assert "E3002" in done.stdout + done.stderr


def test_badly_formatted_python_is_blocked(repository: Path) -> None:
    (repository / "bad.py").write_text("x = {  'a':1}\n")
    assert commit(repository, "bad.py").returncode != 0
