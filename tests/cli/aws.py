"""The real AWS CLI, typed many times in one process of its own: a process a command is slow.

As a script it reads command lines as JSON from its input, and writes how each ended as JSON. A
process apart, because the AWS CLI brings a botocore and data paths of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple


class Typed(NamedTuple):
    """How a command ended."""

    words: Sequence[str]
    code: int
    out: str
    err: str


def aws(
    commands: Iterable[Sequence[str]], environment: Mapping[str, str], folder: Path
) -> list[Typed]:
    """Type `aws …` for each of these, in this order and folder; every one has to succeed."""
    lines = [list(words) for words in commands]
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(lines),
        env=dict(environment),
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    ended = [Typed(words, *end) for words, end in zip(lines, json.loads(done.stdout), strict=True)]
    failed = [each for each in ended if each.code]
    assert not failed, f"{len(failed)} failed: {failed[0].err} {failed[0].words}"
    return ended


def _main() -> None:
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()
    ended = []
    for words in json.load(sys.stdin):
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = driver.main(words)
        ended.append((code, out.getvalue(), err.getvalue()))
    json.dump(ended, sys.stdout)


if __name__ == "__main__":
    _main()
