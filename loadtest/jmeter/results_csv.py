"""JMeter's results as CSV: a header, whose columns may be in any order, and a line a sample."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path

from loadtest.jmeter.samples import FIELDS, NEEDED, STARTED, Sample, fault, lacking, sample_of

_HEADER = "-Jjmeter.save.saveservice.print_field_names=true"
_LONGEST_HEADER = 1 << 16
_DELIMITERS = ",;\t|"
"""What jmeter.save.saveservice.default_delimiter commonly is."""
_BROKEN_OFF = "delete the line if the run was broken off here"


def csv_samples(path: Path) -> Iterator[Sample]:
    """In the file's order, and as they are asked for. UsageError names a bad line."""
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
    """Where each of FIELDS is that it has."""
    where = {name.strip('"'): column for column, name in enumerate(header)}
    missing = [field for field in NEEDED if field.column not in where]
    if len(missing) == len(NEEDED):
        problem = f"no header, which begins with {STARTED.column}, but {header[0][:40]!r}"
        raise fault(path, 1, problem, f"run jmeter with {_HEADER}")
    if missing:
        raise lacking(path, 1, "the header", missing)
    return [where[field.column] for field in FIELDS if field.column in where]
