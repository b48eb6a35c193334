"""A result file of JMeter → the folder of a run, for the same report and gate.

A sample counts when it ended, as a request of Locust's does. JMeter writes lines in that order, or
later: those of a transaction when all of it is over, those of engines far away in batches. Lines
may be in order of their starts (`timeStamp`), too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import chain, takewhile
from pathlib import Path

from generator.errors import UsageError
from loadtest.gate import COMPLETED
from loadtest.jmeter.crowds import crowds_by_kind, span
from loadtest.jmeter.plan import plan_text
from loadtest.jmeter.reasons import reason_of
from loadtest.jmeter.results_csv import csv_samples
from loadtest.jmeter.results_xml import xml_samples
from loadtest.jmeter.samples import Sample, fault
from loadtest.jmeter.transactions import requests_of
from loadtest.profile import Profile
from loadtest.recording import GRACE_INTERVALS, Recorder
from loadtest.results import EVERYTHING, INTERVAL_SECONDS, About, Run, write_run
from loadtest.sections import Target
from loadtest.shape_settings import WEEK

_LATEST = 600.0
"""Seconds after which a line is too late for its interval."""
_WAITING = _LATEST - GRACE_INTERVALS * INTERVAL_SECONDS
"""Seconds that intervals are kept open besides the recorder's own."""
_HANGING = 60.0
"""Seconds that the last answers of a run may take: several times as long as a plan of ours waits
to connect, and then for an answer."""
_METHOD_AND_NAME = re.compile(r"(?P<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?P<name>.+)")


def import_results(
    file: Path,
    folder: Path,
    profile: Profile,
    target: Target = "edge",
    host: str = "",
    plan: Path | None = None,
    environment: str = "",
) -> Run:
    """Write what `jmeter -l` wrote as a run of this profile, and return it.

    `plan` is the .jmx that was run, where it is not the one that the profile is exported as;
    `environment` is whose stacks it was aimed at. Raises UsageError where the file is not what it
    should be, with its line.
    """
    recorder, ended = _recorded(file)
    seconds = round(ended - recorder.started, 3)
    intervals, totals = recorder.rows(seconds)
    about = About(
        profile=profile.name,
        profile_sha256=profile.sha256,
        code_sha256=_plan_sha256(profile, target, plan),
        target=target,
        host=host,
        started=recorder.started,
        seconds=seconds,
        ended=_how_it_ended(seconds, profile, target),
        tool="jmeter",
        environment=environment,
    )
    run = Run(about, intervals, totals, recorder.failures())
    write_run(folder, run)
    return run


def read_samples(file: Path) -> Iterator[Sample]:
    """The requests of a result file, whichever of its forms it has."""
    try:
        with file.open("rb") as content:
            start = content.read(100).removeprefix(b"\xef\xbb\xbf").lstrip()
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from None
    samples = xml_samples(file) if start.startswith(b"<") else csv_samples(file)
    return requests_of(file, samples)


def _recorded(file: Path) -> tuple[Recorder, float]:
    """All samples, and when the last one ended."""
    recorder = Recorder()
    recorder.reason = str
    recorder.begin(_started(file))
    latest = ended = recorder.started
    for sample in read_samples(file):
        _check_times(file, sample, recorder.started, latest)
        _record(recorder, sample, *_method_and_name(file, sample))
        latest, ended = max(latest, sample.began), max(ended, sample.ended)
        recorder.settle(latest - _WAITING)
    return recorder, ended


def _started(file: Path) -> float:
    """When the first request began, whose line need not be the first."""
    samples = read_samples(file)
    first = next(samples, None)
    if first is None:
        raise fault(file, 1, "no sample of a request", "name the results of a run that sent some")
    early = takewhile(lambda sample: sample.began < first.ended + _LATEST, samples)
    return min(sample.began for sample in chain([first], early))


def _record(recorder: Recorder, sample: Sample, method: str, name: str) -> None:
    failure = None if sample.succeeded else RuntimeError(reason_of(sample.code))
    recorder.record(method, name, sample.elapsed, sample.bytes, sample.began, failure)
    recorder.users_at(sample.ended, sample.threads)


def _method_and_name(file: Path, sample: Sample) -> tuple[str, str]:
    """What its label says; not the name by which reports and gate know all requests together."""
    named = _METHOD_AND_NAME.fullmatch(sample.label)
    method, name = named.groups() if named else ("", sample.label)
    if name == EVERYTHING:
        problem = f"a request is called {EVERYTHING}, as all of them together are"
        raise fault(file, sample.line, problem, "label it otherwise, in the plan and in this file")
    return method, name


def _check_times(file: Path, sample: Sample, started: float, latest: float) -> None:
    """Times that jump would be counted where they don't belong, or make millions of intervals."""
    if sample.ended < latest - _LATEST:
        problem = f"a sample that ended {latest - sample.ended:.0f} s before one above it began"
        remedy = "sort the lines by timeStamp; of several runs, import each by itself"
        raise fault(file, sample.line, problem, remedy)
    if sample.ended > started + 2 * WEEK:
        problem = f"a sample {sample.ended - started:.0f} s after the first"
        raise fault(file, sample.line, problem, "of several runs, import each by itself")


def _plan_sha256(profile: Profile, target: Target, plan: Path | None) -> str:
    """Of the plan that made the load."""
    try:
        content = plan.read_bytes() if plan else plan_text(profile, target).encode()
    except OSError as error:
        raise UsageError(f"{plan}: can't be read: {error.strerror}") from None
    return hashlib.sha256(content).hexdigest()


def _how_it_ended(seconds: float, profile: Profile, target: Target) -> str:
    """A result file does not say; a run that was broken off has not lasted as its plan says.

    One that has lasted longer is several: JMeter adds to a file that there is. Users think before
    their first request and after their last one.
    """
    by_kind = crowds_by_kind(profile.curve(target), profile.kinds(target))
    planned = span(chain.from_iterable(by_kind.values()))
    thinking = 2 * max(kind.think[1] for kind in profile.kinds(target))
    if seconds < planned - thinking - INTERVAL_SECONDS:
        return f"over after {seconds:.0f} of {planned:.0f} seconds"
    if seconds > planned + thinking + _HANGING:
        return f"{seconds:.0f} of {planned:.0f} seconds long: several runs in one file?"
    return COMPLETED
