"""What a load generator does at boot: the script runs in a directory, with pretended tools."""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from generator.build import generator_files
from generator.build.archive import packed
from generator.layers import load_generator
from generator.layers.booting import LARGEST
from generator.layers.load_generator.user_data import SCRIPT
from generator.settings.sections import LoadGenerator
from loadtest.remote.place import place_from
from tests.layers.machine import Machine
from tests.layers.support import filled, settings

CHOSEN = settings(load_generator=LoadGenerator(longest_minutes=60))
CONTENT = packed(generator_files.files())

# The venv's Python only notes what pip was asked for.
TOOLS = {
    "aws": 'case "$*" in *"s3 cp"*) cp "$ROOT/archive" "${@: -1}" ;; '
    '*set-desired*) test ! -e "$ROOT/down" ;; esac',
    "curl": 'case "$*" in *instance-id) echo i-7 ;; *local-ipv4) echo 10.255.252.9 ;; esac',
    "dnf": "true",
    "id": "false",
    "python3.11": 'mkdir -p "$3/bin" && cp "$ROOT/bin/pip" "$3/bin/python"',
    "pip": 'test ! -e "$ROOT/no-index"',
    "sleep": "true",
    "sysctl": "true",
    "systemctl": "true",
    "useradd": "true",
    "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl": "true",
}


def _rendered(role: str, digest: str) -> str:
    """User data as an instance gets it."""
    text, _, script = _parts(role)
    given = {
        "AWS::Region": "eu-west-1",
        "AWS::AccountId": "111122223333",
        "Bucket": "the-bucket",
        "Key": "load-generator-1.tar.gz" if digest else "",
        "Sha256": digest,
    }
    return re.sub(r"\$\{([^}]+)\}", lambda found: given[found[1]], text) + script


def _parts(role: str) -> tuple[str, dict[str, Any], str]:
    template = filled(load_generator.LAYER, CHOSEN)["Resources"][f"{role}LaunchTemplate"]
    encoded = template["Properties"]["LaunchTemplateData"]["UserData"]["Fn::Base64"]
    head, script = encoded["Fn::Join"][1]
    text, values = head["Fn::Sub"]
    return text, values, script


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path, TOOLS)
    (tmp_path / "archive").write_bytes(CONTENT)
    return made


DIGEST = hashlib.sha256(CONTENT).hexdigest()
OFF = "aws autoscaling set-desired-capacity --auto-scaling-group-name gtm-test-load-{} "


# --- the text -------------------------------------------------------------------------------------


def test_it_is_valid_bash_and_fits_what_ec2_takes() -> None:
    subprocess.run(["bash", "-n", str(SCRIPT)], check=True)
    text, _, script = _parts("Master")
    longest = re.sub(r"\$\{[^}]+\}", "x" * 512, text) + script
    assert len(longest.encode()) <= LARGEST


# --- the first boot -------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["Master", "Worker"])
def test_a_boot_fetches_verifies_installs_and_starts_the_load_test(
    machine: Machine, role: str
) -> None:
    assert machine.boot(_rendered(role, DIGEST)) == 0
    drop_in = machine.says("etc/systemd/system/gtm-generator.service.d/hardening.conf")
    assert "[Service]\nUMask=0077\nCapabilityBoundingSet=\n" in drop_in
    assert "s3://the-bucket/gtm-test/load-generator-1.tar.gz" in machine.calls
    current = machine.root / "opt/gtm/current"
    assert current.readlink().name == DIGEST
    assert (current / "loadtest/remote/instance.py").is_file()
    wheels = "--require-hashes --no-deps --only-binary :all: -r"
    assert f"{wheels} {current}/packages/requirements.txt" in machine.calls
    assert machine.calls.rstrip().endswith("systemctl enable --now gtm-generator")


@pytest.mark.parametrize("role", ["Master", "Worker"])
def test_the_load_test_understands_what_the_boot_has_written(machine: Machine, role: str) -> None:
    machine.boot(_rendered(role, DIGEST))
    lines = machine.says("etc/gtm/generator.env").splitlines()
    place = place_from(dict(line.split("=", 1) for line in lines))
    assert (place.role, place.region, place.port) == (role.lower(), "eu-west-1", 5557)
    assert place.bucket == "gtm-test-loadtests-111122223333-eu-west-1"
    assert (place.masters, place.workers) == ("gtm-test-load-masters", "gtm-test-load-workers")
    assert (place.instance, place.address) == ("i-7", "10.255.252.9")


def test_the_dead_mans_switch_is_set_before_anything_that_may_hang(machine: Machine) -> None:
    machine.boot(_rendered("Master", DIGEST))
    timer = machine.calls.index("enable --now gtm-off.timer")
    assert timer < machine.calls.index("aws s3 cp")
    written = machine.says("etc/systemd/system/gtm-off.timer")
    seconds = re.search(r"^OnBootSec=(\d+)$", written, re.MULTILINE)
    assert seconds
    assert 60 * 60 < int(seconds[1]) <= 2 * 60 * 60


@pytest.mark.parametrize("digest", ["0" * 64, ""])
def test_another_archive_or_none_is_not_started_and_switches_off(
    machine: Machine, digest: str
) -> None:
    assert machine.boot(_rendered("Worker", digest)) != 0
    assert "gtm-generator" not in machine.calls.replace("stop gtm-generator", "")
    assert "pip" not in machine.calls
    assert OFF.format("workers") in machine.calls
    assert OFF.format("masters") in machine.calls


def test_packages_that_can_not_be_had_switch_off(machine: Machine) -> None:
    (machine.root / "no-index").touch()
    assert machine.boot(_rendered("Worker", DIGEST)) != 0
    assert machine.calls.count("pip --quiet") == 5
    assert OFF.format("workers") in machine.calls


def test_it_loads_without_the_agent_when_a_repository_is_down(machine: Machine) -> None:
    agent = machine.root / "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    agent.write_text("#!/bin/bash\nfalse\n")
    assert machine.boot(_rendered("Worker", DIGEST)) == 0
    assert "enable --now gtm-generator" in machine.calls


# --- switching off --------------------------------------------------------------------------------


def test_switching_off_stops_the_load_first_so_that_it_brings_its_results(machine: Machine) -> None:
    machine.boot(_rendered("Master", DIGEST))
    (machine.root / "calls").write_text("")
    assert machine.run("off") == 0
    stop = machine.calls.index("systemctl stop gtm-generator")
    assert stop < machine.calls.index(OFF.format("workers"))
    assert machine.calls.count("--desired-capacity 0") == 2
    assert "poweroff" not in machine.calls


def test_an_instance_that_aws_does_not_hear_shuts_itself_down(machine: Machine) -> None:
    machine.boot(_rendered("Master", DIGEST))
    (machine.root / "down").touch()
    machine.run("off")
    assert machine.calls.count(OFF.format("masters")) == 5
    assert "systemctl poweroff" in machine.calls
