"""Where the rules and their fixtures are, found on disk so that no rule can be forgotten."""

import re
from collections.abc import Callable
from pathlib import Path

from cfnlint.match import Match

Lint = Callable[..., list[Match]]

FIXTURES = Path(__file__).parent / "fixtures"
PACK = Path(__file__).parents[3] / "generator" / "checks" / "rules"
FILES = sorted(PACK.glob("*/[a-z]*.py"))
LAYERS = (
    "general",
    "network",
    "security",
    "load_balancer",
    "compute",
    "cache",
    "database",
    "edge",
    "dns",
    "monitoring",
    "scaling",
    "schedule",
    "aurora",
    "chaos",
    "region_switch",
    "load_generator",
)
# What lives in us-east-1 is right there: these rules see their bad templates linted for elsewhere.
ELSEWHERE = {"E9071": "eu-west-1", "E9095": "eu-west-1"}


def id_in(file: Path) -> str:
    found = re.search(r'^    id = "(E9\d{3})"$', file.read_text(), re.MULTILINE)
    assert found, f"{file.name} has no id"
    return found[1]


IDS = [id_in(file) for file in FILES]
BAD = sorted(FIXTURES.glob("*.bad*.yaml"))
GOOD = sorted(FIXTURES.glob("*.good.yaml"))


def rule_of(fixture: Path) -> str:
    return fixture.name.split(".")[0]
