"""JMeter's results as CSV: a header, whose columns may be in any order, and a line a sample.

The line of a Transaction Controller comes after those of its requests, and counts nothing that they
don't. With `Generate parent sample` it comes instead of them: such a file does not tell how they
went, and is refused.
https://jmeter.apache.org/usermanual/component_reference.html#Transaction_Controller
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from operator import itemgetter
from pathlib import Path

from loadtest.jmeter.samples import FIELDS, STARTED, Sample, fault, lacking, sample_of

_HEADER = "-Jjmeter.save.saveservice.print_field_names=true"
_LONGEST_HEADER = 1 << 16
_DELIMITERS = ",;\t|"
"""What jmeter.save.saveservice.default_delimiter commonly is."""
_BROKEN_OFF = "delete the line if the run was broken off here"
_WITH_REQUESTS = (
    "run jmeter with -Jjmeter.save.saveservice.output_format=xml, which has them, or without "
    "`Generate parent sample`;\n    delete such lines if the requests stand elsewhere in the file"
)


def csv_samples(path: Path) -> Iterator[Sample]:
    """The requests, in the file's order and as they are asked for. UsageError names a bad line."""
    return _requests(path, _samples(path))


def _requests(path: Path, samples: Iterable[Sample]) -> Iterator[Sample]:
    """Without what sums them up, which has begun before its thread's last request ended."""
    ended: dict[str, int] = {}
    for sample in samples:
        if sample.sums_up is None:
            ended[sample.thread] = sample.started + max(1, sample.elapsed)
            yield sample
        elif sample.sums_up and ended.get(sample.thread, 0) <= sample.started:
            raise fault(path, sample.line, "a transaction without its requests", _WITH_REQUESTS)


def _samples(path: Path) -> Iterator[Sample]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = file.readline(_LONGEST_HEADER).rstrip("\r\n")
        delimiter = max(_DELIMITERS, key=header.count)
        values_of = itemgetter(*_columns(path, header.split(delimiter)))
        lines = csv.reader(file, delimiter=delimiter, strict=True)
        try:
            for cells in lines:
                yield sample_of(path, lines.line_num + 1, values_of(cells))
        except csv.Error as error:
            raise fault(path, lines.line_num + 1, f"not CSV: {error}", _BROKEN_OFF) from None
        except IndexError:
            problem = "fewer columns than the header has"
            raise fault(path, lines.line_num + 1, problem, _BROKEN_OFF) from None


def _columns(path: Path, header: list[str]) -> list[int]:
    """Where each of FIELDS is."""
    where = {name.strip('"'): column for column, name in enumerate(header)}
    missing = [field for field in FIELDS if field.column not in where]
    if len(missing) == len(FIELDS):
        problem = f"no header, which begins with {STARTED.column}, but {header[0][:40]!r}"
        raise fault(path, 1, problem, f"run jmeter with {_HEADER}")
    if missing:
        raise lacking(path, 1, "the header", missing)
    return [where[field.column] for field in FIELDS]
