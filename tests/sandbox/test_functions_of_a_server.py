"""Lambda functions as a server runs them: apart, with a time limit, and gone when it is."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from generator.sandbox import function_processes, function_seams
from generator.sandbox.process import Sandbox, running
from tests.local_aws import Account

WHO = """
import os
import boto3
SEEN = []

def handler(event, context):
    SEEN.append(event["say"])
    print("told", event["say"])
    caller = boto3.client("sts").get_caller_identity()["Account"]
    return {
        "process": os.getpid(), "group": os.getpgrp(), "seen": SEEN,
        "folder": os.path.realpath(os.getcwd()), "code": os.path.realpath(__file__),
        "mine": os.environ.get("MINE"), "region": os.environ["AWS_REGION"], "account": caller,
    }
"""
ENDS = """
import os, signal, time

def handler(event, context):
    if event["say"] == "die":
        os._exit(3)
    if event["say"] == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
    return os.getpid()
"""


class Function:
    """A function that stands."""

    def __init__(self, account: Account, name: str, code: str, region: str, **settings: Any):
        self._client, self._name = account.client("lambda", region), name
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.py", code)
        self._client.create_function(
            FunctionName=name,
            Role=f"arn:aws:iam::{account.id}:role/any",
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": archive.getvalue()},
            **settings,
        )

    def call(self, say: str) -> tuple[Any, str]:
        """What it answers, or the error; and what it logged."""
        done = self._client.invoke(
            FunctionName=self._name, Payload=json.dumps({"say": say}), LogType="Tail"
        )
        log = base64.b64decode(done.get("LogResult", ""))
        return json.load(done["Payload"]), log.decode()


Make = Callable[..., Function]


@pytest.fixture
def make(account: Account) -> Make:
    """Make a function in an account of the test's own."""

    def made(name: str, code: str = WHO, region: str = "eu-west-1", **settings: Any) -> Function:
        return Function(account, name, code, region, **settings)

    return made


def is_gone(process: int, seconds: float = 10.0, kill: Callable[..., None] = os.kill) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_it_has_its_own_code_folder_environment_and_region(make: Make, account: Account) -> None:
    one, _ = make("one", Environment={"Variables": {"MINE": "1"}}).call("a")
    other, _ = make("other", region="us-east-1").call("b")
    assert one["process"] != other["process"]
    assert (one["mine"], other["mine"]) == ("1", None)
    assert (one["region"], other["region"]) == ("eu-west-1", "us-east-1")
    assert one["account"] == other["account"] == account.id
    assert one["code"] == f"{one['folder']}/index.py"
    assert one["folder"] != other["folder"]


def test_it_stays_for_the_next_call_and_shares_nothing_with_others(make: Make) -> None:
    one, other = make("one"), make("other")
    first, _ = one.call("a")
    again, _ = one.call("b")
    assert again["process"] == first["process"]
    assert again["seen"] == ["a", "b"]
    assert other.call("c")[0]["seen"] == ["c"]


def test_what_it_prints_is_its_log(make: Make) -> None:
    assert "told this" in make("one").call("this")[1]


def test_one_that_dies_is_an_error_and_the_next_call_has_a_new_one(make: Make) -> None:
    function = make("mortal", ENDS)
    before, _ = function.call("")
    assert function.call("die")[0]["errorMessage"] == "Worker process died"
    after, _ = function.call("")
    assert after != before
    assert is_gone(before)


def test_one_that_takes_too_long_is_ended_whatever_it_does(make: Make) -> None:
    function = make("slow", ENDS, Timeout=1)
    process, _ = function.call("")
    assert "timed out" in function.call("hang")[0]["errorMessage"]
    assert is_gone(process)


@pytest.mark.parametrize("end", [Sandbox.stop, lambda server: server.process.kill()])
def test_it_goes_with_the_server(end: Callable[[Sandbox], None]) -> None:
    with running() as server:
        account = Account(server, "444455556666")
        found, _ = Function(account, "one", WHO, "eu-west-1").call("a")
        assert found["group"] == server.process.pid
        end(server)
        server.process.wait()
        assert is_gone(found["process"])
        assert is_gone(server.process.pid, kill=os.killpg), "something of the server's is left"


@pytest.mark.parametrize(
    ("platform", "folder", "is_forked"),
    [("linux", "/tmp", True), ("linux", f"/{'deep/' * 20}", False), ("darwin", "/tmp", False)],
)
def test_functions_are_forked_only_where_that_works(
    platform: str, folder: str, is_forked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system libraries of macOS do not survive a fork; a socket's path is short."""
    started: list[object] = []
    monkeypatch.setattr(function_seams, "start_python_functions", started.append)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(tempfile, "tempdir", folder)
    function_processes.install()
    assert bool(started) is is_forked
