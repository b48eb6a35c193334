"""The rooms import what ARCHITECTURE.md lets them, and nothing flows back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

GENERATOR = Path(__file__).resolve().parents[1] / "generator"
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "checks": {"errors"},
    "settings": {"errors"},
    "functions": set(),
    "service": set(),
    "names": {"settings"},
    "policies": {"settings", "names"},
    "layers": {"settings", "names", "policies", "errors"},
    "wiring": {"settings", "layers", "errors"},
    "blueprint": {"settings", "layers", "wiring"},
    "workspace": {"errors"},
    "build": {
        *("settings", "names", "policies", "layers", "wiring", "blueprint"),
        *("checks", "workspace", "errors"),
    },
    "deploy": {"errors"},
    "sandbox": {"errors"},
    "cli": {
        *("settings", "blueprint", "build", "checks", "workspace", "errors"),
        *("deploy", "sandbox"),
    },
}


def room_of(path: Path) -> str:
    return path.relative_to(GENERATOR).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "generator":
            inside = (node.module or "").split(".")[1:]
            yield from [inside[0]] if inside else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            ours = [alias.name for alias in node.names if alias.name.startswith("generator.")]
            yield from (name.split(".")[1] for name in ours)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_from_below(room: str) -> None:
    own = [path for path in GENERATOR.rglob("*.py") if room_of(path) == room]
    assert own, f"there is no room {room}"
    for path in own:
        beyond = set(imported_rooms(path)) - MAY_IMPORT[room] - {room}
        assert not beyond, f"{path.relative_to(GENERATOR)} imports {', '.join(sorted(beyond))}"


def test_every_room_is_known() -> None:
    rooms = {room_of(path) for path in GENERATOR.rglob("*.py")}
    assert rooms - {"__init__", "__main__"} == set(MAY_IMPORT)


def test_only_the_deploying_rooms_may_talk_to_aws() -> None:
    """`functions` and `service` run in AWS; the sandbox's resource types call its own services."""
    talking = {"functions", "service", "deploy", "sandbox"}
    for path in GENERATOR.rglob("*.py"):
        if room_of(path) not in talking:
            assert not re.search(r"^\s*(from|import) boto", path.read_text(), re.MULTILINE), path


def test_deploy_does_not_know_the_sandbox() -> None:
    """Its only door is AWS_ENDPOINT_URL, which botocore reads."""
    for path in (GENERATOR / "deploy").rglob("*.py"):
        text = path.read_text().lower()
        assert not [word for word in ("sandbox", "ministack", "endpoint_url=") if word in text], (
            path
        )
