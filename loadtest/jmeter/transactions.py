"""The requests of a result file, without the transactions that sum them up.

What a Transaction Controller sums up counts nothing that its requests don't. Its line comes after
theirs, or before them where lines are in order of their starts (then IdleTime has to be saved if
its thread thinks before the first one). With `Generate parent sample` it has them inside, which
neither CSV nor XML without sub-results tells: such a file does not say how they went, and is
refused.
https://jmeter.apache.org/usermanual/component_reference.html#Transaction_Controller
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from generator.errors import UsageError
from loadtest.jmeter.samples import Sample, fault

_REMEDY = (
    "run jmeter with -Jjmeter.save.saveservice.output_format=xml "
    "-Jjmeter.save.saveservice.subresults=true, which has them,\n    or without "
    "`Generate parent sample`; delete what sums up requests that stand elsewhere in the file"
)


def requests_of(path: Path, samples: Iterable[Sample]) -> Iterator[Sample]:
    """Raises UsageError for a transaction of whose thread no request was under way meanwhile."""
    free_at: dict[str, int] = {}
    waiting: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        for transaction in waiting[sample.thread]:
            if transaction.free_at <= sample.started:
                raise _without_requests(path, transaction)
        if sample.sums_up is None:
            waiting[sample.thread].clear()
            free_at[sample.thread] = sample.free_at
            yield sample
        elif sample.sums_up and free_at.get(sample.thread, 0) <= sample.started:
            waiting[sample.thread].append(sample)
    for transaction in chain.from_iterable(waiting.values()):
        raise _without_requests(path, transaction)


def _without_requests(path: Path, transaction: Sample) -> UsageError:
    return fault(path, transaction.line, "a transaction without its requests", _REMEDY)
