"""Result files as JMeter writes them, of samples that a test makes up."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import quoteattr

START = 1_774_000_000_000
COLUMNS = (
    *("timeStamp", "elapsed", "label", "responseCode", "responseMessage", "threadName"),
    *("dataType", "success", "failureMessage", "bytes", "sentBytes", "grpThreads"),
    *("allThreads", "URL", "Latency", "IdleTime", "Connect"),
)
"""What JMeter 5 writes, in its order."""
TRANSACTION = "Check out"
"""How a Transaction Controller is called here."""
_PART = '<httpSample t="9" ts="9"/><responseHeader class="java.lang.String">x</responseHeader>'
"""What a request is made of, which is not read."""


class Made(NamedTuple):
    """A sample; `after` in milliseconds after START."""

    after: int
    elapsed: int
    label: str = "GET /api/time"
    succeeded: bool = True
    bytes: int = 100
    threads: int = 1
    message: str = "OK"
    code: str = "200"
    thread: str = "reader 1-1"
    idle: int = 0
    inside: tuple[Made, ...] = ()
    """What XML has inside it."""

    @property
    def cells(self) -> dict[str, str]:
        """By column."""
        return dict.fromkeys(COLUMNS, "0") | {
            "timeStamp": str(START + self.after),
            "elapsed": str(self.elapsed),
            "label": self.label,
            "responseCode": self.code,
            "responseMessage": self.message,
            "threadName": self.thread,
            "success": str(self.succeeded).lower(),
            "bytes": str(self.bytes),
            "allThreads": str(self.threads),
            "IdleTime": str(self.idle),
        }


def transaction(after: int, *inside: Made, of: int = 0) -> Made:
    """A Transaction Controller's, of what is inside it or of so many that stand elsewhere."""
    failing = sum(not made.succeeded for made in inside)
    message = (
        f"Number of samples in transaction : {of or len(inside)}, "
        f"number of failing samples : {failing}"
    )
    end = max((made.after + made.elapsed for made in inside), default=after + 10)
    return Made(after, end - after, TRANSACTION, not failing, message=message, inside=inside)


def write_csv(
    file: Path, samples: Iterable[Made], columns: Sequence[str] = COLUMNS, delimiter: str = ","
) -> Path:
    """CSV with a header."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([made.cells[column] for column in columns] for made in samples)
    return file


def write_xml(file: Path, samples: Iterable[Made]) -> Path:
    """XML, with what a sample may have inside."""
    lines = "\n".join(map(_element, samples))
    file.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<testResults version="1.2">\n{lines}\n'
        "</testResults>\n",
        encoding="utf-8",
    )
    return file


def _element(made: Made) -> str:
    values = {
        "t": str(made.elapsed),
        "ts": str(START + made.after),
        "s": str(made.succeeded).lower(),
        "lb": made.label,
        "rc": made.code,
        "rm": made.message,
        "tn": made.thread,
        "by": str(made.bytes),
        "na": str(made.threads),
    }
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in values.items())
    tag, part = ("sample", "") if made.label == TRANSACTION else ("httpSample", _PART)
    inside = "\n".join(map(_element, made.inside)) or part
    return f"<{tag} {attributes}>\n  {inside}\n</{tag}>"
