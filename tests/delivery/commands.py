"""The commands of buildspecs and workflows, read out of their files and run as they stand there."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from generator.layers.pipeline.projects import FOLDER, buildspec

CHECKOUT = Path(__file__).resolve().parents[2]
WORKFLOWS = CHECKOUT / ".github" / "workflows"
BUILDSPECS = sorted(path.name.partition(".")[0] for path in FOLDER.glob("*.buildspec.yml"))
PHASES = ("install", "pre_build", "build", "post_build")

EXPORTED = ".exported"
STOP = "code=$?; [ $code -eq 0 ] || exit $code"

MAKE = f"""#!/bin/sh
# What `make` does of itself is the business of tests/test_make.py.
echo "make $*" >> "$MADE"
mkdir -p .venv/bin
printf '#!/bin/sh\\nexec {sys.executable} "$@"\\n' > .venv/bin/python
chmod +x .venv/bin/python
"""


class Ended(NamedTuple):
    """How commands ended, and what they exported."""

    code: int
    text: str
    exported: Mapping[str, str]


def spec(name: str) -> dict[str, Any]:
    """A buildspec as data."""
    found: dict[str, Any] = yaml.safe_load(buildspec(name))
    return found


def of_buildspec(name: str) -> list[str]:
    """All commands of a buildspec, in the order in which CodeBuild runs them."""
    phases = spec(name)["phases"]
    assert set(phases) <= set(PHASES)
    return [line for phase in PHASES if phase in phases for line in phases[phase]["commands"]]


def workflow(name: str) -> dict[Any, Any]:
    """A workflow as data."""
    found: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    return found


def of_job(name: str, job: str) -> list[str]:
    """The `run:` of each step of a job."""
    return [step["run"] for step in workflow(name)["jobs"][job]["steps"] if "run" in step]


def every_command() -> Iterator[tuple[str, str]]:
    """Each command of each buildspec, workflow and action: its file, and itself."""
    for name in BUILDSPECS:
        yield from ((name, command) for command in of_buildspec(name))
    for path in sorted(WORKFLOWS.glob("*.yml")):
        for job in workflow(path.name)["jobs"]:
            if "steps" in workflow(path.name)["jobs"][job]:
                yield from ((path.name, command) for command in of_job(path.name, job))
    for path in sorted(CHECKOUT.glob(".github/actions/*/action.yml")):
        steps = yaml.safe_load(path.read_text(encoding="utf-8"))["runs"]["steps"]
        yield from ((path.parent.name, step["run"]) for step in steps if "run" in step)


class Machine:
    """A machine of CodeBuild or GitHub: a folder, an environment, our Python behind `make`."""

    def __init__(self, tools: Path, environment: Mapping[str, str]) -> None:
        self._tools = tools
        tools.mkdir(exist_ok=True)
        self.tool("make", MAKE)
        self.path = f"{tools}:{os.environ['PATH']}"
        python = {"PYTHONPATH": str(CHECKOUT), "MADE": str(tools / "made")}
        self._environment = {**environment, **python, "PATH": self.path}

    def tool(self, name: str, text: str) -> None:
        """A program on the path."""
        file = self._tools / name
        file.write_text(text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    @property
    def made(self) -> list[str]:
        """How `make` was called."""
        return (self._tools / "made").read_text().splitlines()

    def step(self, command: str, folder: Path, **variables: str) -> Ended:
        """Run a step of a GitHub job: by `bash -e`, which a failure within a pipe does not stop.

        https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
        """
        return self._run(["bash", "-e", "-c", command], folder, variables)

    def build(self, name: str, folder: Path, **variables: str) -> Ended:
        """Run a buildspec as CodeBuild does: its commands in one shell, which knows no option; the
        first that ends with another code than 0 is the last.

        https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
        """
        exports = spec(name)["env"].get("exported-variables", ())
        says = [
            f"printf '%s=%s\\n' {each} \"${each}\" >> '{folder / EXPORTED}'" for each in exports
        ]
        script = "\n".join(f"{each}\n{STOP}" for each in [*of_buildspec(name), *says])
        return self._run(["bash", "-c", script], folder, variables)

    def _run(self, shell: list[str], folder: Path, variables: Mapping[str, str]) -> Ended:
        told = folder / EXPORTED
        environment = {**self._environment, "GITHUB_OUTPUT": str(told), **variables}
        done = subprocess.run(
            shell, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        lines = told.read_text().splitlines() if told.is_file() else []
        told.unlink(missing_ok=True)
        exported = dict(line.split("=", 1) for line in lines)
        return Ended(done.returncode, done.stdout + done.stderr, exported)


def artifact(name: str, folder: Path, target: Path) -> Path:
    """What a buildspec hands on: the files that it names, in a folder of their own."""
    for pattern in spec(name)["artifacts"]["files"]:
        for file in filter(Path.is_file, folder.glob(pattern)):
            place = target / file.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    return target
