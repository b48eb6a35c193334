"""What an instance does at boot: the script is run here in a directory, with pretended tools."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.build import service_files
from generator.build.archive import packed
from generator.layers import compute
from generator.layers.booting import BEGINNING, LARGEST
from generator.layers.compute.user_data import SCRIPT
from generator.sandbox.data_plane.guarded import ReservedPort
from generator.service.draining import QUIET_SECONDS, Draining
from generator.settings.model import Settings
from generator.settings.sections import Compute, LoadBalancer
from tests.layers.machine import Machine
from tests.layers.support import filled, settings

WARM = settings(compute=Compute(warm_pool=True))
ARCHIVE = "service/app.tar.gz"
WITHIN = 20.0

# `state` is what instance metadata says next, `spot` that Spot takes the instance back.
TOOLS = {
    "aws": 'case "$*" in *describe*) echo the-group ;; '
    '*"s3 cp"*) cp "$ROOT/archive" "${@: -1}" ;; esac',
    "curl": 'case "$*" in *spot*) test -e "$ROOT/spot" || exit 22 ;; *instance-id) echo i-1 ;; '
    '*target-lifecycle-state) head -1 "$ROOT/state"; sed -i 1d "$ROOT/state" ;; '
    '*healthz) test -e "$ROOT/healthy" ;; esac',
    "dnf": "true",
    "id": "false",
    "sleep": "true",
    "ss": "true",
    "systemctl": 'case "$*" in "start gtm-ready") "$ROOT/opt/gtm/bin/ready" ;; esac',
    "python3.11": f'exec {sys.executable} "$@"',
    "useradd": "true",
    "opt/aws/bin/cfn-signal": "true",
    "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl": "true",
}


def _parts(chosen: Settings) -> tuple[str, dict[str, Any], str]:
    """The head with its variables, their values, and the script."""
    template = filled(compute.LAYER, chosen)["Resources"]["LaunchTemplate"]
    encoded = template["Properties"]["LaunchTemplateData"]["UserData"]["Fn::Base64"]
    head, script = encoded["Fn::Join"][1]
    text, values = head["Fn::Sub"]
    return text, values, script


def _rendered(chosen: Settings, digest: str = "") -> str:
    """User data as an instance gets it."""
    text, _, script = _parts(chosen)
    given = {
        "AWS::Region": "eu-west-1",
        "AWS::StackName": "the-stack",
        "Bucket": "the-bucket",
        "Cache": "cache.internal",
        "Key": ARCHIVE if digest else "",
        "Prefix": "gtm-test/",
        "Sha256": digest,
    }
    return re.sub(r"\$\{([^}]+)\}", lambda found: given[found[1]], text) + script


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path, TOOLS)
    made.say("healthy", "")
    return made


@pytest.fixture
def port() -> Iterator[int]:
    """Of loopback, and nobody else's."""
    reserved = ReservedPort()
    yield reserved.number
    reserved.release()


def _archive(machine: Machine, name: str = "run") -> str:
    """Put a service's archive into the pretended bucket; return its digest."""
    content = b"#!/bin/bash\n"
    with tarfile.open(machine.root / "archive", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o755
        archive.addfile(member, io.BytesIO(content))
    return hashlib.sha256((machine.root / "archive").read_bytes()).hexdigest()


# --- the text -------------------------------------------------------------------------------------


def test_it_is_valid_bash() -> None:
    for script in (BEGINNING, SCRIPT):
        subprocess.run(["bash", "-n", str(script)], check=True)


def test_it_fits_what_ec2_takes() -> None:
    longest = "x" * 512
    text, values, script = _parts(WARM)
    rendered = re.sub(r"\$\{[^}]+\}", longest, text) + script
    assert len(values) == 5
    assert len(rendered.encode()) <= LARGEST


def test_it_names_secrets_and_holds_none() -> None:
    text, _, script = _parts(settings())
    assert "CACHE_SECRET=gtm-test/cache\n" in text
    assert "{{resolve" not in text + script


def test_no_variable_is_in_both_files() -> None:
    """The scripts read both: the second would win."""
    text, _, _ = _parts(WARM)
    files = re.findall(r"<<'EOF'\n(.*?)^EOF$", text, re.DOTALL | re.MULTILINE)
    names = [line.split("=")[0] for file in files for line in file.splitlines()]
    assert len(files) == 2
    assert len(names) == len(set(names))


def test_a_leaving_instance_waits_for_the_deregistration_delay() -> None:
    text, _, script = _parts(settings(load_balancer=LoadBalancer(deregistration_delay_seconds=300)))
    assert "DEREGISTRATION_SECONDS=300\n" in text
    assert "SECONDS < DEREGISTRATION_SECONDS" in script


def test_a_stopping_service_serves_until_the_load_balancer_has_noticed() -> None:
    """Its health checks are all that tells it of a restart; and systemd waits for the end."""
    chosen = LoadBalancer(health_check_interval_seconds=300, unhealthy_threshold_count=10)
    text, _, _ = _parts(settings(load_balancer=chosen))
    notice, drain, stop = (
        int(re.findall(rf"^{name}_SECONDS=(\d+)$", text, re.MULTILINE)[0])
        for name in ("NOTICE", "DRAIN", "STOP")
    )
    assert notice > 300 * 10
    assert drain > notice + QUIET_SECONDS + Draining(drain, notice).finishing_seconds
    assert stop > drain
    assert drain <= 3600, "the service takes no more"


# --- the first boot -------------------------------------------------------------------------------


def test_a_boot_without_archive_serves_the_built_in_page_and_signals(machine: Machine) -> None:
    assert machine.boot(_rendered(settings())) == 0
    drop_in = machine.root / "etc/systemd/system/gtm-service.service.d/hardening.conf"
    assert "[Service]\nUMask=0077\nCapabilityBoundingSet=\n" in drop_in.read_text(encoding="utf-8")
    assert (machine.root / "opt/gtm/current").readlink().name == "built-in"
    assert "cfn-signal --exit-code 0 --stack the-stack --resource AutoScalingGroup" in machine.calls
    assert "complete-lifecycle-action" not in machine.calls


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(machine: Machine) -> None:
    """Without a word: an unknown key is only a warning. The host's own units are not asked for."""
    machine.boot(_rendered(settings()))
    units = sorted((machine.root / "etc/systemd/system").glob("*.service"))
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no"]
    told = subprocess.run([*command, *units], capture_output=True, text=True, timeout=WITHIN)
    assert (len(units), told.stdout, told.stderr, told.returncode) == (3, "", "", 0)


def test_a_boot_with_archive_checks_and_unpacks_it(machine: Machine) -> None:
    digest = _archive(machine)
    assert machine.boot(_rendered(settings(), digest)) == 0
    assert (machine.root / "opt/gtm/current").readlink().name == digest
    assert f"s3://the-bucket/gtm-test/{ARCHIVE}" in machine.calls


@pytest.mark.parametrize(("name", "honest"), [("run", False), ("walk", True)])
def test_a_wrong_archive_is_not_started_and_fails_at_once(
    machine: Machine, name: str, honest: bool
) -> None:
    digest = _archive(machine, name)
    assert machine.boot(_rendered(settings(), digest if honest else "0" * 64)) != 0
    assert "cfn-signal --exit-code 1" in machine.calls
    assert "enable --now gtm-service" not in machine.calls


def test_a_service_that_does_not_answer_fails_the_boot(machine: Machine) -> None:
    (machine.root / "healthy").unlink()
    user_data = _rendered(WARM).replace("READY_SECONDS=300", "READY_SECONDS=0")
    assert machine.boot(user_data) != 0
    assert "cfn-signal --exit-code 1" in machine.calls
    assert "--lifecycle-hook-name launch --lifecycle-action-result ABANDON" in machine.calls


def test_an_instance_of_a_warm_pool_lets_the_group_go_on_at_each_boot(machine: Machine) -> None:
    assert machine.boot(_rendered(WARM)) == 0
    assert machine.run("ready") == 0
    done = "--lifecycle-hook-name launch --lifecycle-action-result CONTINUE"
    assert machine.calls.count(done) == 2


def test_a_service_that_answers_before_the_group_waits_tells_it_again(machine: Machine) -> None:
    machine.boot(_rendered(WARM))
    machine.say("early", "1\n2\n")
    aws = machine.root / "bin/aws"
    refusal = '[[ $* != *complete* || ! -s $ROOT/early ]] || { sed -i 1d "$ROOT/early"; false; }'
    aws.write_text(f"{aws.read_text(encoding='utf-8')}{refusal}\n", encoding="utf-8")
    machine.say("calls", "")
    assert machine.run("ready") == 0
    assert machine.calls.count("--lifecycle-action-result CONTINUE") == 3
    assert "cfn-signal --exit-code 0" in machine.calls


def test_it_serves_without_the_agent_when_a_repository_is_down(machine: Machine) -> None:
    shutil.copy("/bin/false", machine.root / "bin/dnf")
    shutil.copy(
        "/bin/false",
        machine.root / "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl",
    )
    assert machine.boot(_rendered(settings())) == 0
    assert "cfn-signal --exit-code 0" in machine.calls


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "states",
    [
        "InService\nTerminated\n",
        "InService\nWarmed:Stopped\n",  # back into the pool
        "Warmed:Stopped\nInService\nTerminated\n",  # out of the pool, and away
    ],
)
def test_a_leaving_instance_stops_its_service_then_lets_the_group_go_on(
    machine: Machine, states: str
) -> None:
    machine.boot(_rendered(WARM))
    machine.say("calls", "")
    machine.say("state", states)
    assert machine.run("drain") == 0
    stopped = machine.calls.index("systemctl stop gtm-service")
    done = "--lifecycle-hook-name drain --lifecycle-action-result CONTINUE"
    assert machine.calls.index("ss -Htn") < stopped < machine.calls.index(done)
    assert machine.calls.count("target-lifecycle-state") == states.count("\n")


def test_an_instance_that_spot_takes_back_stops_its_service_at_once(machine: Machine) -> None:
    """A load balancer that nobody told keeps its connections, and two minutes are all there is."""
    machine.boot(_rendered(settings()))
    machine.say("calls", "")
    machine.say("state", "InService\n")
    machine.say("spot", "")
    assert machine.run("drain") == 0
    before, stop, _ = machine.calls.partition("systemctl stop gtm-service")
    assert stop
    assert "ss -Htn" not in before
    assert before.count("sleep") == 1, "the one between two looks"


# --- the built-in page ----------------------------------------------------------------------------


def test_the_built_in_page_answers_and_ends_on_sigterm(machine: Machine, port: int) -> None:
    machine.boot(_rendered(settings()))
    environment = {
        "AWS_REGION": "eu-west-1",
        "HEALTH_PATH": "/healthz",
        "KEEP_ALIVE_SECONDS": "70",
        "PORT": str(port),
    }
    page = machine.root / "opt/gtm/current/run"
    with subprocess.Popen([sys.executable, str(page)], env=environment) as server:
        try:
            assert _get(f"http://127.0.0.1:{port}/healthz") == "ok\n"
            assert "eu-west-1" in _get(f"http://127.0.0.1:{port}/")
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(WITHIN) == 0


# --- the platform's own service -------------------------------------------------------------------


def test_the_service_of_this_project_is_unpacked_prepared_and_started(
    machine: Machine, port: int
) -> None:
    """From the archive that a build makes, with the environment that a boot writes."""
    content = packed(service_files.files())
    (machine.root / "archive").write_bytes(content)
    assert machine.boot(_rendered(settings(), hashlib.sha256(content).hexdigest())) == 0
    assert "dnf -q -y install python3.11" in machine.calls
    written = (machine.root / "etc/gtm/service.env").read_text(encoding="utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in written) | {
        "PATH": f"{machine.root / 'bin'}:{os.environ['PATH']}",
        "PORT": str(port),
        "HOST": "127.0.0.1",
        "NOTICE_SECONDS": "0",
        "ROOT": str(machine.root),
        "WORKERS": "1",
    }
    start = machine.root / "opt/gtm/current/run"
    log = (machine.root / "log").open("wb")
    with log, subprocess.Popen([str(start)], env=environment, stdout=log, stderr=log) as service:
        try:
            assert _get(f"http://127.0.0.1:{port}/healthz").strip() == "ok"
        finally:
            service.send_signal(signal.SIGTERM)
        assert service.wait(WITHIN) == 0


def _get(url: str) -> str:
    """The body of an answer, once there is one."""
    deadline = time.monotonic() + WITHIN
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return str(answer.read().decode())
        except OSError:
            assert time.monotonic() < deadline, f"no answer from {url}"
            time.sleep(0.05)
