"""The rooms import what ARCHITECTURE.md lets them, and nothing flows back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
GENERATOR = CHECKOUT / "generator"
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "checks": {"errors", "report"},
    "report": {"errors"},
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
        *("checks", "report", "workspace", "errors"),
    },
    "deploy": {"errors"},
    "sandbox": {"errors"},
    "cli": {
        *("settings", "blueprint", "build", "checks", "report", "workspace", "errors"),
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


READING_YAML = {f"generator.settings.{name}" for name in ("faults", "parts", "source", "text")}


def test_what_loads_knows_nothing_of_what_is_built() -> None:
    """Load generators run it, and a run's folder is all that it shares with others."""
    allowed = {"generator.errors", "generator.settings.scalars", *READING_YAML}
    for path in (CHECKOUT / "loadtest").rglob("*.py"):
        assert set(imported_modules(path)) <= allowed, path


def test_only_commands_know_what_loads() -> None:
    for path in GENERATOR.rglob("*.py"):
        if room_of(path) != "cli":
            assert not re.search(r"^\s*(from|import) loadtest", path.read_text(), re.M), path


def test_the_service_imports_itself_relatively_and_nothing_else_of_ours() -> None:
    """It travels under another name."""
    for path in (GENERATOR / "service").rglob("*.py"):
        assert not set(imported_modules(path)), path


def imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and not node.level:
            if (node.module or "").split(".")[0] == "generator":
                yield str(node.module)
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
            yield from (name for name in names if name.split(".")[0] == "generator")


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
