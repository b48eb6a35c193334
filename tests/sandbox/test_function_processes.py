"""A Lambda function's process: forked, and yet like one that was started from nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.sandbox.function_processes import FunctionProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked on Linux only")

SCRIPT = """
import json, os, sys
print(json.dumps({"cwd": os.getcwd(), "env": dict(os.environ), "said": sys.stdin.readline()}))
print("logged", file=sys.stderr)
sys.exit(int(os.environ.get("CODE", "0")))
"""
ENDLESS = "import time\nprint('ready', flush=True)\ntime.sleep(60)\n"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[FunctionProcess]]:
    """Processes whose streams are closed in the end."""
    processes: list[FunctionProcess] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(10)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


def start(
    started: list[FunctionProcess], folder: Path, text: str, **environment: str
) -> FunctionProcess:
    (folder / "function.py").write_text(text)
    process = FunctionProcess(str(folder / "function.py"), str(folder), environment)
    started.append(process)
    return process


def test_it_has_the_folder_the_streams_and_no_environment_but_its_own(
    started: list[FunctionProcess], tmp_path: Path
) -> None:
    process = start(started, tmp_path, SCRIPT, NAME="one", CODE="3")
    process.stdin.write("an event\n")
    process.stdin.flush()
    told = process.stdout.readline()
    assert f'"cwd": "{tmp_path}"' in told
    assert '"env": {"NAME": "one", "CODE": "3"}' in told
    assert '"said": "an event\\n"' in told
    assert process.stderr.readline() == "logged\n"
    assert process.wait(10) == 3
    assert process.poll() == 3


def test_it_is_a_process_of_its_own(started: list[FunctionProcess], tmp_path: Path) -> None:
    """What it changes is gone with it."""
    first = start(started, tmp_path, "import os; os.environ['LEFT'] = '1'; import sys; sys.a = 1")
    assert first.wait(10) == 0
    check = "import os, sys; print(hasattr(sys, 'a'), 'LEFT' in os.environ)"
    second = start(started, tmp_path, check)
    assert second.stdout.readline() == "False False\n"
    assert "LEFT" not in os.environ


def test_a_time_limit_holds(started: list[FunctionProcess], tmp_path: Path) -> None:
    process = start(started, tmp_path, ENDLESS)
    assert process.stdout.readline() == "ready\n"
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.kill()
    assert process.wait(10) == -9


def test_boto3_is_there_at_once_and_takes_its_own_region(
    started: list[FunctionProcess], tmp_path: Path
) -> None:
    text = "import boto3; print(boto3.client('ec2').meta.region_name)"
    process = start(started, tmp_path, text, AWS_DEFAULT_REGION="eu-west-1")
    assert process.stdout.readline() == "eu-west-1\n"
