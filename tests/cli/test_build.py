"""`build` as it is typed: files, exit codes, words, and nothing half-written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_it_writes_templates_parameters_and_manifest(gtm: Run, checkout: Path) -> None:
    done = gtm("build", "--env", "dev", "--no-lint")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((checkout / "build/dev/manifest.json").read_text())
    for name in manifest["templates"]:
        assert (checkout / "build/dev" / name).is_file()
    assert "## Stores" in (checkout / "build/dev/encryption.md").read_text()
    assert "encryption" not in " ".join(manifest["templates"])
    first = manifest["rollout"][0]
    stem = checkout / "build/dev/parameters" / first["regions"][0] / first["layer"]
    assert isinstance(json.loads(stem.with_suffix(".cli.json").read_text()), list)
    assert "Parameters" in json.loads(stem.with_suffix(".codepipeline.json").read_text())


def test_the_screen_names_every_template_and_the_times(gtm: Run, checkout: Path) -> None:
    done = gtm("build", "--no-lint")
    manifest = json.loads((checkout / "build/dev/manifest.json").read_text())
    for entry in manifest["templates"].values():
        assert f" {entry['layer']} " in done.stdout
    for limit in ("resources/500", "parameters/200", "outputs/200", "bytes/1,048,576"):
        assert limit in done.stdout
    assert "inline/51,200" in done.stdout
    assert "templates 0." in done.stdout
    assert "written to build/dev/" in done.stdout


def test_dev_leaves_the_committed_templates_alone(gtm: Run, checkout: Path) -> None:
    gtm("build", "--no-lint")
    assert not (checkout / "templates").exists()


def test_reference_and_quickstart_go_to_templates_too(gtm: Run, checkout: Path) -> None:
    for environment in ("reference", "quickstart"):
        assert gtm("build", "--env", environment, "--no-lint").returncode == 0
    assert (checkout / "templates/network.template.json").is_file()
    assert (checkout / "templates/gtm-quickstart/quick-create.html").is_file()
    assert "| `InstanceType`" in (checkout / "docs/parameters.md").read_text()
    assert gtm("build", "--check").returncode == 0


def test_the_schema_is_written_and_checked_with_the_templates(gtm: Run, checkout: Path) -> None:
    schema = checkout / "parameters/settings.schema.json"
    right = schema.read_text()
    assert gtm("build", "--env", "reference", "--no-lint").returncode == 0
    schema.write_text("{}")
    done = gtm("build", "--check")
    assert done.returncode == 1
    assert "stale: parameters/settings.schema.json" in done.stderr
    gtm("build", "--env", "reference", "--no-lint")
    assert schema.read_text() == right


def test_check_names_what_is_stale_and_writes_nothing(gtm: Run, checkout: Path) -> None:
    assert gtm("build", "--env", "reference", "--no-lint").returncode == 0
    shutil.rmtree(checkout / "build")
    stale = checkout / "templates/network.template.json"
    stale.write_text("{}")
    (checkout / "templates/left-over.template.json").write_text("{}")
    done = gtm("build", "--check")
    assert done.returncode == 1
    assert "templates/left-over.template.json, templates/network.template.json" in done.stderr
    assert "make golden" in done.stderr
    assert stale.read_text() == "{}"
    assert not (checkout / "build").exists()


def test_a_bad_file_shows_every_fault_and_writes_nothing(gtm: Run, checkout: Path) -> None:
    settings = checkout / "parameters/dev.yaml"
    text = settings.read_text().replace("zones: 2", "zones: 9\nzonez: 2")
    settings.write_text(text)
    done = gtm("build", "--all", "--no-lint")
    assert done.returncode == 2
    line = text.splitlines().index("zones: 9") + 1
    assert f"dev.yaml:{line}:" in done.stderr
    assert f"dev.yaml:{line + 1}:" in done.stderr
    assert "zones" in done.stderr
    assert "2 faults; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / "build").exists()


def test_the_faults_of_all_files_are_shown_at_once(gtm: Run, checkout: Path) -> None:
    for name in ("dev", "prod"):
        path = checkout / f"parameters/{name}.yaml"
        path.write_text(path.read_text() + "nonsense: 1\n")
    done = gtm("build", "--all", "--no-lint")
    assert done.returncode == 2
    assert "parameters/dev.yaml:" in done.stderr
    assert "parameters/prod.yaml:" in done.stderr
    assert "2 faults; nothing was written" in done.stderr


def test_a_copy_that_kept_its_name_is_refused(gtm: Run, checkout: Path) -> None:
    text = (checkout / "parameters/prod.yaml").read_text()
    (checkout / "parameters/canary.yaml").write_text(text)
    done = gtm("build", "--env", "canary", "--no-lint")
    assert done.returncode == 2
    assert "environment: is prod, but the file is called canary" in done.stderr
    assert not (checkout / "build").exists()


def test_an_environment_that_is_not_there_is_named(gtm: Run) -> None:
    done = gtm("build", "--env", "prot")
    assert done.returncode == 2
    assert "prod" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_directory_that_is_no_checkout_uses_the_generators_own(
    gtm: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    done = gtm("explain", cwd=tmp_path_factory.mktemp("elsewhere"))
    assert done.returncode == 0
    assert "network" in done.stdout


@pytest.mark.parametrize("words", [["--help"], ["build", "--help"], ["lint", "--help"]])
def test_help_has_an_example_or_the_commands(gtm: Run, words: list[str]) -> None:
    done = gtm(*words)
    assert done.returncode == 0
    assert "build" in done.stdout


def test_the_same_bytes_whatever_the_hash_seed_and_directory(gtm: Run, checkout: Path) -> None:
    (checkout / "deep/er").mkdir(parents=True)
    seen = set()
    for seed, cwd in (("0", checkout), ("1", checkout), ("42", checkout / "deep/er")):
        assert (
            gtm("build", "--env", "prod", "--no-lint", cwd=cwd, PYTHONHASHSEED=seed).returncode == 0
        )
        built = (checkout / "build/prod").rglob("*")
        files = sorted(path for path in built if path.suffix in (".json", ".md"))
        seen.add(tuple((path.name, path.read_bytes()) for path in files))
    assert len(seen) == 1
