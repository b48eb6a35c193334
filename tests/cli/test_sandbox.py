"""`sandbox`: one command against a local AWS, or a local AWS until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import CHECKOUT, Run

ECHO = 'import sys; print(sys.argv[1:]); print("ready", flush=True)'
WAIT = 'import time; print("ready", flush=True); time.sleep(60)'


@contextmanager
def started(*words: str, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, once it has said its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "generator", "sandbox", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_it_leaves_with_the_commands_exit_code(gtm: Run) -> None:
    done = gtm("sandbox", "--", "sh", "-c", "exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_the_command_works_in_the_local_aws(gtm: Run) -> None:
    script = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    done = gtm("sandbox", "--", "python", "-c", script, AWS_PROFILE="company")
    assert (done.returncode, done.stdout) == (0, "111122223333\n"), done.stderr


def test_python_is_this_python(gtm: Run) -> None:
    script = "import sys; print(sys.prefix)"
    done = gtm("sandbox", "--", "python", "-c", script, PATH=os.defpath)
    assert done.stdout.strip() == sys.prefix


def test_every_word_reaches_the_command_untouched(gtm: Run) -> None:
    words = ["--port", "1", "--", "--help", "-h", "a b", "--keep"]
    done = gtm("sandbox", "--", "python", "-c", ECHO, *words)
    assert done.stdout.splitlines()[0] == str(words)


def test_a_command_that_is_not_there_is_bad_input(gtm: Run) -> None:
    done = gtm("sandbox", "--", "there-is-no-such-command")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "there-is-no-such-command can't be run: No such file or directory\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_the_commands(number: signal.Signals, checkout: Path) -> None:
    script = f"import signal, sys; signal.signal({number:d}, lambda *_: sys.exit(9)); {WAIT}"
    with started("--", "python", "-c", script, cwd=checkout) as process:
        process.send_signal(number)
        assert process.wait(20) == 9


def test_a_command_that_a_signal_ends_is_told_as_in_a_shell(gtm: Run) -> None:
    assert gtm("sandbox", "--", "sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_is_how_it_ends(number: signal.Signals, checkout: Path) -> None:
    with started(cwd=checkout) as process:
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def test_what_it_prints_points_a_shell_at_it(checkout: Path) -> None:
    with started(cwd=checkout) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        script = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'])"
        done = subprocess.run(
            ["sh", "-c", f"{''.join(lines)}\n'{sys.executable}' -c \"{script}\""],
            env={"PATH": os.environ["PATH"], "AWS_PROFILE": "company"},
            capture_output=True,
            text=True,
            check=False,
        )
        process.terminate()
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


@pytest.mark.parametrize("keep", [["--keep"], ["--keep-in", "state"]])
def test_what_stands_is_kept(gtm: Run, checkout: Path, keep: list[str]) -> None:
    make = "import boto3; boto3.client('sqs').create_queue(QueueName='kept')"
    look = "import boto3; print(boto3.client('sqs').list_queues()['QueueUrls'])"
    assert gtm("sandbox", *keep, "--", "python", "-c", make).returncode == 0
    assert "/kept'" in gtm("sandbox", *keep, "--", "python", "-c", look).stdout
    folder = checkout / (".cache/sandbox" if keep == ["--keep"] else "state")
    assert (folder / "sqs.json").is_file()
