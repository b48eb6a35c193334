"""What runs on a load generator: `python -m loadtest.remote.instance`, told by `place`.

A master carries an order out once: whoever writes the master's address first is it, so that one
which Auto Scaling launches in its stead finds the order taken and switches off. Whatever happens,
a master leaves what was measured in the bucket and both groups without instances; but where another
order was given meanwhile, the groups are that one's.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from generator.errors import Exit, GtmError
from loadtest.recording import Progress
from loadtest.remote.aws import CURRENT, OFF, RESULTS, Bucket, Groups
from loadtest.remote.order import OUT, READY_WITHIN_SECONDS, STOPPED, Order, read_order
from loadtest.remote.place import Place, place_from
from loadtest.results import ABOUT, Run, read_about, read_run
from loadtest.running import LOCUSTFILE, Workers, run

POLL_SECONDS = 2.0
WORKERS_WITHIN_SECONDS = 900.0
"""Boot and packages take two or three minutes."""
GO_WITHIN_SECONDS = READY_WITHIN_SECONDS + 300.0
"""Other Regions may be slower. Afterwards whoever ordered is gone."""
LISTENS_WITHIN_SECONDS = 60.0
TAKEN = "another master had this order"


class CalledOff(GtmError):
    """The load was stopped before it began."""


def main() -> int:
    """The part of this instance; its exit code."""
    place = place_from(os.environ)
    bucket = Bucket(place.region, place.bucket)
    if place.role == "worker":
        work(place, bucket)
    return lead(place, bucket, Groups(place.region, place.masters, place.workers))


# --- the master -----------------------------------------------------------------------------------


def lead(place: Place, bucket: Bucket, groups: Groups) -> int:
    """Carry the order out, tell how it ended, and switch off."""
    signal.signal(signal.SIGTERM, _call_off)  # while Locust runs, `running` has it
    order = None
    try:
        order = _order(bucket)
        if not bucket.claim(order.place + "master", place.address):
            print(TAKEN)
            return Exit.DONE
        ended = _carried_out(place, bucket, order)
        bucket.write(order.place + "done", ended)
        print(f"the run ended: {ended}")
        return Exit.DONE
    finally:
        if order is None or _is_the_last(bucket, order):
            groups.resize(OFF)


def _is_the_last(bucket: Bucket, order: Order) -> bool:
    """Whether nobody has ordered another load since, whose instances are not ours to end.

    Where that can't be known, yes: a load that ends too early is cheaper than one without an end.
    """
    try:
        return _order(bucket).id == order.id
    except GtmError:
        return True


def _call_off(number: int, frame: FrameType | None) -> None:
    raise CalledOff("the instance is switched off")


def _carried_out(place: Place, bucket: Bucket, order: Order) -> str:
    """How it ended, in a word or in those of an error; what was measured is in the bucket."""
    out = place.folder / OUT
    try:
        _lead_workers(place, bucket, order)
        return read_about(out).ended
    except (CalledOff, KeyboardInterrupt):
        return STOPPED
    except GtmError as error:
        return str(error)
    finally:
        if (out / ABOUT).is_file():
            bucket.upload(out, order.place + RESULTS)
            bucket.write(order.place + "progress", json.dumps(_whole(read_run(out))))


def _whole(run: Run) -> Progress:
    """The last progress of a run: all that was measured, however short it was."""
    seconds, total = run.about.seconds, run.total
    if total is None:
        return Progress(seconds, users=0, requests=0, failures=0, p99=0.0)
    return Progress(seconds, total.users, total.requests, total.failures, total.p99)


def _lead_workers(place: Place, bucket: Bucket, order: Order) -> None:
    load = order.load(place.folder)
    processes = _processes(bucket, order)
    bucket.write(order.place + "ready", str(processes))
    _until(lambda: "go" in _said(bucket, order), GO_WITHIN_SECONDS, "nobody said go")
    workers = Workers(expected=processes, bind=place.address, port=place.port)
    run(load, workers, _Telling(bucket, order))


def _processes(bucket: Bucket, order: Order) -> int:
    """How many processes of Locust will come, once all workers have told theirs."""
    here: list[str] = []

    def all_are_here() -> bool:
        here[:] = [key for key in _said(bucket, order) if key.startswith("workers/")]
        return len(here) >= order.workers

    late = f"not all {order.workers} workers came"
    _until(all_are_here, WORKERS_WITHIN_SECONDS, late)
    return sum(int(bucket.read(order.place + key) or 0) for key in here)


def _said(bucket: Bucket, order: Order) -> list[str]:
    """What lies there of the order. Raises CalledOff where it was stopped."""
    keys = bucket.keys(order.place)
    if "stop" in keys:
        raise CalledOff("stopped before it began")
    return keys


class _Telling:
    """Writes how the run goes, and looks whether it was stopped: every few seconds."""

    def __init__(self, bucket: Bucket, order: Order) -> None:
        self._bucket, self._order = bucket, order
        self._next = 0.0
        self._stopped = False

    def __call__(self, now: Progress) -> None:
        if time.monotonic() < self._next:
            return
        self._bucket.write(self._order.place + "progress", json.dumps(now))
        if not self._stopped and self._bucket.read(self._order.place + "stop") is not None:
            self._stopped = True
            os.kill(os.getpid(), signal.SIGTERM)  # `running` ends the load in good order
        self._next = time.monotonic() + POLL_SECONDS


# --- a worker -------------------------------------------------------------------------------------


def work(place: Place, bucket: Bucket) -> None:
    """Tell how many processes there will be, wait for the master to listen, become Locust."""
    order = _order(bucket)
    environment = order.environment(place.folder)
    bucket.write(f"{order.place}workers/{place.instance}", str(place.processes))
    address = _listening_master(place, bucket, order)
    found = ["--master-host", address, "--master-port", str(place.port)]
    locust = [sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE), "--worker", *found]
    arguments = [*locust, "--processes", str(place.processes)]
    here = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    os.execve(sys.executable, arguments, {**os.environ, **environment, **here})


def _listening_master(place: Place, bucket: Bucket, order: Order) -> str:
    """The address of the one that leads this order, once it listens.

    A Locust that found nobody would try again after five seconds: that is how much later than
    another Region this one would begin.
    """
    _until(lambda: "go" in _said(bucket, order), GO_WITHIN_SECONDS, "nobody said go")
    address = bucket.read(order.place + "master") or ""
    _until(lambda: _listens(address, place.port), LISTENS_WITHIN_SECONDS, "the master is silent")
    return address


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=POLL_SECONDS).close()
    except OSError:
        return False
    return True


# --- both -----------------------------------------------------------------------------------------


def _order(bucket: Bucket) -> Order:
    text = bucket.read(CURRENT)
    if text is None:
        raise GtmError(f"{bucket.name}: nobody ordered a load")
    return read_order(text)


def _until(happened: Callable[[], bool], seconds: float, otherwise: str) -> None:
    """Wait for something. Raises GtmError where it does not come within so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise GtmError(f"{otherwise} within {seconds:.0f} s")
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except GtmError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
