"""Starts the local AWS as a process of its own, and says how clients point at it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from generator.errors import SandboxError, UsageError
from generator.sandbox import VERSION

ACCOUNT = "111122223333"
"""The account of a client that names none: an example account of AWS's own documentation."""
REGION = "us-east-1"
_READY_WITHIN = 60.0
_STOPPED_WITHIN = 30.0
_TAIL = 20
_REMEDY = "    pip install -c constraints.txt -e '.[sandbox]'"


class Sandbox(NamedTuple):
    """A server that runs. Its twelve-digit access key ids are accounts: each an AWS of its own."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        """What AWS_ENDPOINT_URL is to be."""
        return f"http://127.0.0.1:{self.port}"

    def variables(self, account: str = ACCOUNT, region: str = REGION) -> dict[str, str]:
        """The environment variables that point a client here, and away from anything real."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_DEFAULT_REGION": region,
            "AWS_REGION": region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def environment(
        self,
        account: str = ACCOUNT,
        region: str = REGION,
        base: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """A whole environment: `base` (ours, when None) without any AWS_ variable of the user."""
        return without_aws(os.environ if base is None else base) | self.variables(account, region)

    def stop(self) -> None:
        """End the server; a persistent one writes its state first. Does nothing when it is gone."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(_STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def without_aws(base: Mapping[str, str]) -> dict[str, str]:
    """An environment without the user's credentials, profile and endpoints; loopback unproxied."""
    kept = {name: value for name, value in base.items() if not name.upper().startswith("AWS_")}
    direct = ",".join(filter(None, [kept.get("NO_PROXY", kept.get("no_proxy", "")), "127.0.0.1"]))
    return kept | {"NO_PROXY": direct, "no_proxy": direct}


@contextmanager
def running(port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    """A server for the length of a block: on a free port, and throwaway, unless said otherwise.

    With `state`, a folder, everything in it stands again after a restart; it is written when the
    server stops. Raises UsageError when ministack is not installed, and SandboxError when it is
    another release or does not become ready.
    """
    check_installed()
    with tempfile.TemporaryDirectory(prefix="gtm-sandbox-", ignore_cleanup_errors=True) as folder:
        sandbox = _start(port, state, Path(folder))
        try:
            yield sandbox
        finally:
            sandbox.stop()


def check_installed() -> None:
    """Raises UsageError without ministack, SandboxError with a release other than ours."""
    try:
        installed = version("ministack")
    except PackageNotFoundError as error:
        raise UsageError(f"the sandbox needs ministack {VERSION}\n{_REMEDY}") from error
    if installed != VERSION:
        raise SandboxError(
            f"ministack {installed} is installed, and the sandbox is written against {VERSION}\n"
            f"{_REMEDY}"
        )


def _start(port: int, state: Path | None, folder: Path) -> Sandbox:
    log = folder / "log"
    command = [sys.executable, "-P", "-m", "generator.sandbox.server", str(port)]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [*command, str(state.resolve())] if state else command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=without_aws(os.environ) | {"TMPDIR": str(folder), "PYTHONPATH": _import_path()},
            start_new_session=True,
        )
    deadline = time.monotonic() + _READY_WITHIN
    try:
        sandbox = Sandbox(_read_port(process, log, deadline), process)
        _ask_whether_ready(sandbox, log, deadline)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return sandbox


def _import_path() -> str:
    """This package first, whatever directory one stands in."""
    here = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


def _read_port(process: subprocess.Popen[bytes], log: Path, deadline: float) -> int:
    if process.stdout is None:
        raise SandboxError("the sandbox has no standard output")
    wait = max(0.0, deadline - time.monotonic())
    said = process.stdout.readline() if select.select([process.stdout], [], [], wait)[0] else b""
    if not said:
        raise SandboxError(f"the sandbox did not start\n{_tail(log)}")
    process.stdout.close()
    return int(said)


def _ask_whether_ready(sandbox: Sandbox, log: Path, deadline: float) -> None:
    """One request: the server listens already, and answers when it has started."""
    wait = max(0.1, deadline - time.monotonic())
    open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    try:
        open_directly(f"{sandbox.endpoint}/_ministack/health", timeout=wait).close()
    except OSError as error:
        raise SandboxError(f"the sandbox is not ready: {error}\n{_tail(log)}") from error


def _tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    return "\n".join(f"    {line}" for line in lines)
