"""A server of its own: on loopback, throwaway or kept, and gone with its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from generator.errors import SandboxError
from generator.sandbox.process import Sandbox, running
from tests.local_aws import Account
from tests.sandbox.stacks import (
    REGION,
    created,
    events,
    gate,
    nested,
    physical_id,
    queue,
    settled,
    template,
    upload,
)

NUMBER = "444455556666"


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def is_listening(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


# --- where it listens


def other_addresses() -> set[str]:
    """This machine's addresses on other interfaces than loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # a datagram socket sends nothing by this
        found = {str(probe.getsockname()[0])}
    return {address for address in found if not address.startswith("127.")}


def test_it_listens_on_loopback_only(sandbox: Sandbox) -> None:
    assert is_listening(sandbox.port)
    try:
        others = other_addresses() | {"127.0.0.2"}
    except OSError:
        others = {"127.0.0.2"}
    assert not [address for address in others if is_listening(sandbox.port, address)]


def test_it_opens_no_other_port(sandbox: Sandbox) -> None:
    if not Path("/proc/net/tcp").exists():
        pytest.skip("no /proc on this system")
    assert listening_ports(sandbox.process.pid) == {sandbox.port}


def listening_ports(pid: int) -> set[int]:
    files = [fd for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()]
    own = {str(fd.readlink()) for fd in files}
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    rows += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
    return {
        int(row[1].rpartition(":")[2], 16)
        for row in rows
        if row[3] == "0A" and f"socket:[{row[9]}]" in own
    }


def test_a_port_can_be_chosen() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with running(port=port) as server:
        assert server.endpoint == f"http://127.0.0.1:{port}"
        with (
            pytest.raises(SandboxError, match=rf"port {port} .*can't be used(.|\n)*--port"),
            running(port=port),
        ):
            pass


# --- its clients


def test_a_client_is_pointed_at_it_and_away_from_anything_real(sandbox: Sandbox) -> None:
    user = {
        "AWS_PROFILE": "company",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_ENDPOINT_URL_S3": "https://example.com",
        "HTTP_PROXY": "http://proxy.example.com",
        "NO_PROXY": "example.com",
        "HOME": "/home/somebody",
    }
    environment = sandbox.environment(NUMBER, REGION, base=user)
    assert environment["HOME"] == "/home/somebody"
    assert environment["NO_PROXY"] == "example.com,127.0.0.1"
    assert {name: value for name, value in environment.items() if name.startswith("AWS_")} == {
        "AWS_ENDPOINT_URL": sandbox.endpoint,
        "AWS_ACCESS_KEY_ID": NUMBER,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_the_environment_is_all_that_boto3_needs(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in sandbox.variables(NUMBER, REGION).items():
        monkeypatch.setenv(name, value)
    assert boto3.Session().client("sts").get_caller_identity()["Account"] == NUMBER


def test_each_twelve_digit_key_is_an_account_of_its_own(sandbox: Sandbox) -> None:
    one, other = Account(sandbox, "222222222222"), Account(sandbox, "333333333333")
    one.client("sqs").create_queue(QueueName="mine")
    assert one.client("sqs").list_queues()["QueueUrls"]
    assert not other.client("sqs").list_queues().get("QueueUrls")
    assert not one.client("sqs", REGION).list_queues().get("QueueUrls")


# --- what is kept


def test_it_is_throwaway_unless_told_otherwise() -> None:
    with running() as server:
        created(Account(server, NUMBER).client("cloudformation"), "one", template({"Q": queue()}))
    assert not is_listening(server.port)
    with running() as server:
        assert (
            Account(server, NUMBER).client("cloudformation").list_stacks()["StackSummaries"] == []
        )


def test_what_stands_is_there_after_a_restart(tmp_path: Path) -> None:
    with running(state=tmp_path) as server:
        account = Account(server, NUMBER)
        cfn = account.client("cloudformation", REGION)
        url = upload(account, "child.json", template({"Queue": queue(QueueName="kept")}))
        root = template({"Child": nested(url)})
        before = created(cfn, "root", root, ClientRequestToken="once", Tags=[])
        child = physical_id(cfn, "root", "Child")

    with running(state=tmp_path) as server:
        account = Account(server, NUMBER)
        cfn = account.client("cloudformation", REGION)
        after = cfn.describe_stacks(StackName="root")["Stacks"][0]
        assert (after["StackId"], after["StackStatus"]) == (before["StackId"], "CREATE_COMPLETE")
        assert cfn.describe_stacks(StackName=child)["Stacks"][0]["ParentId"] == after["StackId"]
        assert account.client("sqs", REGION).list_queues()["QueueUrls"][0].endswith("/kept")
        assert account.client("s3", REGION).list_buckets()["Buckets"]
        again = cfn.create_stack(
            StackName="root", TemplateBody=root, ClientRequestToken="once", Tags=[]
        )
        assert again["StackId"] == after["StackId"]
        cfn.delete_stack(StackName="root")
        assert settled(cfn, after["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_what_a_stop_interrupts_has_failed(tmp_path: Path) -> None:
    with running(state=tmp_path) as server:
        cfn = Account(server, NUMBER).client("cloudformation", REGION)
        cfn.create_stack(StackName="slow", TemplateBody=template({"Gate": gate()}))

    with running(state=tmp_path) as server:
        cfn = Account(server, NUMBER).client("cloudformation", REGION)
        stack = cfn.describe_stacks(StackName="slow")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_FAILED"
        assert "stopped" in events(cfn, "slow")[-1]["ResourceStatusReason"]
        cfn.delete_stack(StackName="slow")
        assert settled(cfn, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_a_folder_is_one_servers(tmp_path: Path) -> None:
    with (
        running(state=tmp_path),
        pytest.raises(SandboxError, match="another sandbox keeps its state"),
        running(state=tmp_path),
    ):
        pass


# --- how it ends


PARENT = """
import time
from pathlib import Path
from generator.sandbox.process import running
with running(state=Path({state!r})) as server:
    print(server.port, flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_with_its_parent_and_keeps_what_stood(number: int, tmp_path: Path) -> None:
    script = PARENT.format(state=str(tmp_path))
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline())
        server = Sandbox(port, parent)  # type: ignore[arg-type]
        Account(server, NUMBER).client("sqs").create_queue(QueueName="kept")
        parent.send_signal(number)
    assert eventually(lambda: not is_listening(port))
    assert eventually((tmp_path / "sqs.json").exists)


def test_why_it_did_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hypercorn.py").write_text("raise RuntimeError('not today')")
    monkeypatch.setattr("generator.sandbox.process._import_path", lambda: str(tmp_path))
    with (
        pytest.raises(SandboxError, match=r"(?s)did not start.*RuntimeError: not today"),
        running(),
    ):
        pass


def test_stopping_twice_is_no_error() -> None:
    with running() as server:
        server.stop()
        assert server.process.poll() == 0
