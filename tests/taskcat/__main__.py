"""`make taskcat` and `make taskcat-sandbox`: the command line of this package.

Exit codes: 0 done, 1 a stack did not get there, 2 a name that is not known, 130 interrupted.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from taskcat._config import Config
from taskcat.exceptions import TaskCatException

from tests.taskcat import releases
from tests.taskcat.configuration import Batch, Trial, Unknown, batches, chosen, trials_of
from tests.taskcat.launching import Platform
from tests.taskcat.remains import remains
from tests.taskcat.report import write_report
from tests.taskcat.updating import Change, update
from tests.taskcat.watching import Failed

CHECKOUT = Path(__file__).resolve().parents[2]
CONFIGURATION = CHECKOUT / ".taskcat.yml"
PROJECT = CHECKOUT / "build" / "taskcat-project"
OUTPUTS = CHECKOUT / "build" / "taskcat-outputs"
PREVIOUS = CHECKOUT / "build" / "taskcat-previous"
AWS_POLL_SECONDS, SANDBOX_POLL_SECONDS = 10.0, 0.2


def main() -> int:
    """Run what was asked for, and turn what went wrong into an exit code."""
    asked = _arguments()
    _listen()
    commands: dict[str, Callable[[argparse.Namespace, str], None]] = {
        "run": _run,
        "update": _update,
    }
    try:
        for environment in asked.environments:
            commands[asked.command](asked, environment)
    except (Unknown, releases.NoSuchRelease) as fault:
        return _say(fault, 2)
    except (Failed, TaskCatException, BotoCoreError, ClientError) as fault:
        return _say(fault, 1)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.taskcat", description=__doc__)
    parser.add_argument("command", choices=("run", "update"))
    parser.add_argument("environments", nargs="+", help="as in build/: taskcat, worldwide")
    parser.add_argument("--tests", default="", help="only these (commas), and what they stand on")
    parser.add_argument("--previous", help="update: a git revision to begin with")
    parser.add_argument("--keep", action="store_true", help="delete nothing, to look at it")
    parser.add_argument("--python", type=Path, default=Path(".venv/bin/python"))
    return parser.parse_args()


def _listen() -> None:
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    logging.getLogger("tests.taskcat").setLevel(logging.INFO)
    logging.getLogger("taskcat").setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    where = os.environ.get("AWS_ENDPOINT_URL", "AWS")
    print(f"taskcat {version('taskcat')} against {where}", flush=True)


def _say(fault: object, code: int) -> int:
    print(fault, file=sys.stderr)
    return code


def _run(asked: argparse.Namespace, environment: str) -> None:
    """Every test of an environment to CREATE_COMPLETE, report, clean-up."""
    platform = _platform(CHECKOUT / "build" / environment)
    tests = _tests(asked, environment, platform)
    platform.take(platform.build)
    with _reported(platform, OUTPUTS / environment, keep=asked.keep):
        for batch in _told(batches(tests, platform.manifest)):
            platform.launch(batch)


def _update(asked: argparse.Namespace, environment: str) -> None:
    """The previous release to CREATE_COMPLETE, then this one over it."""
    before = releases.previous(
        CHECKOUT, environment, asked.previous, PREVIOUS, asked.python.absolute()
    )
    print(f"{environment}: {before.name}, then this")
    platform = _platform(before.build)
    tests = _tests(asked, environment, platform)
    made = {unit["layer"] for unit in platform.manifest["rollout"]}
    platform.take(platform.build)
    folder = OUTPUTS / f"{environment}-update"
    changes: list[Change] = []
    with _reported(platform, folder, keep=asked.keep):
        for batch in _told(batches([t for t in tests if t.layer in made], platform.manifest)):
            platform.launch(batch)
        platform.take(CHECKOUT / "build" / environment, older=before.build)
        for batch in _told(batches(tests, platform.manifest)):
            changes += update(platform, batch)
    _list(folder / "changes.txt", "changed", [_as_text(change) for change in changes])


def _platform(build: Path) -> Platform:
    emulated = "AWS_ENDPOINT_URL" in os.environ
    seconds = SANDBOX_POLL_SECONDS if emulated else AWS_POLL_SECONDS
    return Platform(build, PROJECT, CONFIGURATION, seconds, emulated)


def _tests(asked: argparse.Namespace, environment: str, platform: Platform) -> Sequence[Trial]:
    config = Config.create(project_root=CHECKOUT, project_config_path=CONFIGURATION)
    every = trials_of({name: test.to_dict() for name, test in config.config.tests.items()})
    own = [test for test in every if test.environment == environment]
    if not own:
        raise Unknown(f".taskcat.yml has no test of {environment}")
    names = [name for name in asked.tests.split(",") if name]
    return chosen(own, names, platform.manifest) if names else own


def _told(every: Sequence[Batch]) -> Iterator[Batch]:
    for number, batch in enumerate(every, 1):
        named = ", ".join(f"{launch.test.name} ({len(launch.regions)})" for launch in batch)
        print(f"\nbatch {number} of {len(every)}: {named}", flush=True)
        yield batch


@contextmanager
def _reported(platform: Platform, folder: Path, *, keep: bool) -> Iterator[None]:
    """However it ends: report and logs first, for they tell of what stands, then the clean-up.

    Raises Failed where it went well and something would not go.
    """
    left: tuple[str, ...] = ()
    try:
        yield
    finally:
        print(f"\n{write_report(platform.stacker, folder)}", flush=True)
        if not keep:
            kept = {kept for stack in platform.stacker.stacks for kept in remains(stack)}
            left = platform.clean_up()
            _list(folder / "remains.txt", "stay", [" ".join(row) for row in sorted(kept)])
            print(*left, sep="\n", end="\n" if left else "", file=sys.stderr)
    if left:
        raise Failed(f"{len(left)} stacks were not deleted")


def _list(file: Path, what: str, lines: Sequence[str]) -> None:
    """To the file, and how many there are to the screen."""
    file.write_text("".join(f"{line}\n" for line in lines))
    print(f"{len(lines)} resources {what}: {file}", flush=True)


def _as_text(change: Change) -> str:
    where = f"{change.region:<16}{change.test}/{change.path}"
    return f"{change.action:<8}{change.replacement:<12}{where}  ({change.type})"


if __name__ == "__main__":
    sys.exit(main())
