"""A load as a process of Locust: started, followed, interrupted once, waited for.

    Load ──► environment, arguments ──► python -m locust … ──► progress, a line a second
                                              │
                                              └──► the folder of the run (`results`)

What Locust itself says goes to locust.log in that folder, its own numbers to locust_*.csv.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from generator.errors import Exit, GtmError, Refused, UsageError
from loadtest.recording import Progress
from loadtest.results import ABOUT
from loadtest.target import PROGRESS, Load

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOOPBACK = "127.0.0.1"
LOG = "locust.log"
WORKERS_WITHIN_SECONDS = 120
"""How long workers of other machines may take to come."""
REBALANCING = "--enable-rebalancing"
"""Users of a worker that is lost go to the others, and one that comes late gets some."""
_PASSED_ON = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
_TAIL = 15


class Workers(NamedTuple):
    """Who sends: this process alone; processes of its own; or workers that come from elsewhere."""

    processes: int = 1
    expected: int = 0
    """Workers that are waited for; above 0 this is a master."""
    bind: str = LOOPBACK
    """The address that a master listens on; any other than loopback is for a private network."""
    port: int = 5557


ALONE = Workers()


def run(
    load: Load,
    workers: Workers = ALONE,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> Path:
    """Run a load to its end, and return the folder of its results.

    Ctrl-C ends the load early: users finish their requests, and what was measured is kept (`ended`
    of the run says so). Where nothing was sent yet, or at a second one, all ends at once and
    KeyboardInterrupt is raised. Raises Refused before anything is sent where the load may not be
    aimed there, and GtmError when Locust fails.
    """
    load.check()
    check_installed()
    out = load.out
    if out is None:
        raise UsageError("a load needs a folder for what it leaves behind")
    out.mkdir(parents=True, exist_ok=True)
    (out / ABOUT).unlink(missing_ok=True)  # an earlier run's, which must not pass for this one's
    code = _follow(load, out, _arguments(out, workers), on_progress)
    if code or not (out / ABOUT).is_file():
        raise _failure(code, out)
    return out


def check_installed() -> None:
    """Raises UsageError where Locust is not: all else of ours needs none."""
    if find_spec("locust") is None:
        raise UsageError("a load needs locust\n    pip install -c constraints.txt -e '.[loadtest]'")


def progress_line(before: Progress | None, now: Progress) -> str:
    """How a run goes, in words; the rate is that since `before`."""
    seconds = now.seconds - (before.seconds if before else 0.0)
    requests = now.requests - (before.requests if before else 0)
    rate = requests / seconds if seconds > 0 else 0.0
    failed = f", {now.failures:,} failed" if now.failures else ""
    return (
        f"{now.seconds:5.0f} s  {now.users:,} users  {rate:,.0f} requests/s  "
        f"p99 so far {now.p99:,.0f} ms{failed}"
    )


def _arguments(out: Path, workers: Workers) -> list[str]:
    locust = [sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE), "--headless"]
    csv = ["--csv", str(out / "locust"), "--csv-full-history", "--only-summary"]
    # Failed requests are for the gate to judge.
    return [*locust, *csv, "--exit-code-on-error", "0", *_distributed(workers)]


def _distributed(workers: Workers) -> list[str]:
    if workers.expected:
        wait = ["--expect-workers-max-wait", str(WORKERS_WITHIN_SECONDS)]
        bind = ["--master-bind-host", workers.bind, "--master-bind-port", str(workers.port)]
        return ["--master", "--expect-workers", str(workers.expected), *wait, *bind, REBALANCING]
    if workers.processes > 1:
        port = str(_free_port())
        bind = ["--master-bind-host", LOOPBACK, "--master-bind-port", port]
        own = ["--processes", str(workers.processes), "--master-port", port]
        return [*own, *bind, REBALANCING]
    return []


def _free_port() -> int:
    """A port that is free now. Should it be taken before Locust has it, Locust's error says so."""
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
        return port


def _follow(
    load: Load, out: Path, arguments: Sequence[str], on_progress: Callable[[Progress], None]
) -> int:
    """Locust's exit code; negative where a signal ended it."""
    reading, writing = os.pipe()
    with os.fdopen(reading) as lines, (out / LOG).open("wb") as log:
        try:
            process = subprocess.Popen(
                arguments,
                env=_environment(load) | {PROGRESS: str(writing)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[writing],
                start_new_session=True,  # a terminal's Ctrl-C is ours to pass on, and once
            )
        finally:
            os.close(writing)
        threading.Thread(target=_end_what_it_leaves, args=[process], daemon=True).start()
        with _interrupted_once(process) as passed:
            for line in lines:
                on_progress(Progress(*json.loads(line)))
            code = process.wait()
            if passed and not (out / ABOUT).is_file():
                raise KeyboardInterrupt
            return code


def _end_what_it_leaves(process: subprocess.Popen[bytes]) -> None:
    """Workers that outlive their master would hold the pipe open, and wait for it for a minute."""
    process.wait()
    _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It and all that it started, at once."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _environment(load: Load) -> dict[str, str]:
    """Ours, without what somebody may have set for a Locust or a load of their own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LOCUST_", "LOADTEST_"))
    }
    here = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, [here, kept.get("PYTHONPATH")]))
    return kept | load.variables() | {"PYTHONPATH": path}


@contextmanager
def _interrupted_once(process: subprocess.Popen[bytes]) -> Iterator[list[int]]:
    """Pass the first signal on as SIGTERM, which no shell makes its children ignore.

    Yields the signals that were passed on.
    """
    passed: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        if passed:
            _end(process)
            raise KeyboardInterrupt
        passed.append(number)
        process.terminate()

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield passed
    except BaseException:
        _end(process)
        process.wait()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _failure(code: int, out: Path) -> GtmError:
    log = out / LOG
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    said = "\n".join(f"    {line}" for line in lines)
    text = f"Locust left with exit code {code}; {log} has all of what it said\n{said}"
    match code:
        case Exit.REFUSED:
            return Refused(text)
        case Exit.BAD_INPUT:
            return UsageError(text)
        case _:
            return GtmError(text)
