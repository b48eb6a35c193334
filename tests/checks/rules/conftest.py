"""The rule pack, loaded once as cfn-lint's own command line loads it."""

from pathlib import Path

import pytest
from cfnlint.config import ConfigMixIn
from cfnlint.decode import decode
from cfnlint.match import Match
from cfnlint.rules import Rules
from cfnlint.runner.template.runner import _run_template

from tests.checks.rules.pack import PACK, Lint


@pytest.fixture(scope="session")
def pack() -> Rules:
    return Rules.create_from_directory(str(PACK))


@pytest.fixture(scope="session")
def everything(pack: Rules) -> Rules:
    """cfn-lint's own rules and ours."""
    config = ConfigMixIn([])
    rules = Rules(pack.data)
    for directory in config.append_rules:
        rules.update(Rules.create_from_directory(directory))
    return rules


@pytest.fixture(scope="session")
def lint() -> Lint:
    def run(path: Path, rules: Rules, *regions: str) -> list[Match]:
        template, broken = decode(str(path))
        assert not broken
        config = ConfigMixIn([], regions=list(regions or ["us-east-1"]))
        return list(_run_template(str(path), template, config, rules))

    return run
