"""The pack loads wherever cfn-lint does: on its command line, and in one Runner of a driver."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

from tests.checks.rules.pack import FIXTURES, PACK

CFN_LINT = "import sys; from cfnlint.runner import main; sys.exit(main())"
BAD = FIXTURES / "E9011.bad.yaml"


@pytest.mark.parametrize("isolated", [True, False], ids=["by-itself", "on-the-path"])
def test_command_line_from_another_directory(isolated: bool, tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    if not isolated:
        environment["PYTHONPATH"] = str(PACK.parents[2])
    command = [sys.executable, "-c", CFN_LINT, "-a", str(PACK), "-t", str(BAD), "-r", "us-east-1"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "E9011 DataSubnet: MapPublicIpOnLaunch must be off" in done.stdout
    assert "E0002" not in done.stdout


def test_one_runner_takes_the_pack() -> None:
    arguments: dict[str, Any] = {"append_rules": [str(PACK)], "regions": ["us-east-1"]}
    config = ConfigMixIn([], **arguments)
    matches = Runner(config).validate_template({"Resources": {"Key": {"Type": "AWS::KMS::Key"}}})
    assert {"E9001", "E9024"} <= {match.rule.id for match in matches}
