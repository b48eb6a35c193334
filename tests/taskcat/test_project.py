"""The folder that taskcat uploads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.taskcat.project import parameters, stage


def build(folder: Path, mark: str) -> Path:
    """A build of one stack, one nested template and an archive."""
    folder.mkdir()
    files = [f"regional-{mark}.template.json", f"network-{mark}.template.json"]
    for name in (*files, f"service-{mark}.tar.gz"):
        (folder / name).write_text(f"{name}")
    manifest = {
        "environment": "toy",
        "rollout": [{"layer": "regional", "template": files[0]}],
        "templates": {name: {} for name in files},
        "archives": {f"service-{mark}.tar.gz": {}},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def staged(project: Path) -> set[str]:
    return {str(path.relative_to(project)) for path in project.rglob("*") if path.is_file()}


def test_top_templates_have_plain_names_and_the_rest_those_of_their_content(tmp_path: Path) -> None:
    stage(build(tmp_path / "new", "b"), tmp_path / "project")
    assert staged(tmp_path / "project") == {
        "toy/regional.template.json",
        "toy/regional-b.template.json",
        "toy/network-b.template.json",
        "toy/service-b.tar.gz",
    }


def test_nothing_of_an_earlier_run_is_uploaded(tmp_path: Path) -> None:
    stage(build(tmp_path / "old", "a"), tmp_path / "project")
    stage(build(tmp_path / "new", "b"), tmp_path / "project")
    assert not [name for name in staged(tmp_path / "project") if "-a." in name]


def test_an_update_keeps_what_the_standing_stacks_refer_to(tmp_path: Path) -> None:
    project, old = tmp_path / "project", build(tmp_path / "old", "a")
    stage(build(tmp_path / "new", "b"), project, older=old)
    assert {"toy/network-a.template.json", "toy/service-a.tar.gz"} <= staged(project)
    plain = (project / "toy" / "regional.template.json").read_text()
    assert plain == "regional-b.template.json"


@pytest.mark.parametrize(
    "regions, found",
    [
        (["here"], {"Archive": "x", "TimeZone": "Asia/Seoul"}),
        (["here", "there"], {"Archive": "x"}),
    ],
)
def test_a_parameter_is_given_where_all_regions_agree(
    tmp_path: Path, regions: list[str], found: dict[str, str]
) -> None:
    for region, zone in {"here": "Asia/Seoul", "there": "Europe/London"}.items():
        path = tmp_path / "parameters" / region / "regional.cli.json"
        path.parent.mkdir(parents=True)
        values = {"Archive": "x", "TimeZone": zone}
        rows = [{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]
        path.write_text(json.dumps(rows))
    assert parameters(tmp_path, "regional", regions) == found
