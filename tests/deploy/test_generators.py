"""Load generators in a rollout: their archive is in each of their Regions before they are."""

from __future__ import annotations

from pathlib import Path

from generator.build.archive import generators_archive
from generator.build.release import build_release
from generator.build.write import replace_tree
from generator.deploy.built_files import read_release
from generator.deploy.planning import make_plan
from generator.deploy.release import Release
from generator.deploy.steps import DoSet, SetStep, Step, UploadStep
from tests.deploy.conftest import SERVICE, pair
from tests.deploy.support import NOTHING, before

REGIONS = ["eu-central-1", "us-east-1"]
CHOSEN = pair(load_generator={"regions": REGIONS, "workers": 1})


def release(folder: Path) -> Release:
    built = build_release(CHOSEN, SERVICE)._replace(generators=generators_archive(CHOSEN))
    replace_tree(folder, built.files())
    return read_release(folder)


def _is_creation(step: Step) -> bool:
    if not isinstance(step, SetStep):
        return False
    return step.layer == "load_generator" and step.do is DoSet.CREATE


def test_the_archive_is_uploaded_where_load_comes_from_and_the_service_is_not(
    tmp_path: Path,
) -> None:
    found = release(tmp_path)
    (archive,) = found.unit("load_generator").archives
    plan = make_plan(found, NOTHING)
    uploads = {step.region: step.files for step in plan.steps if isinstance(step, UploadStep)}
    assert [region for region in REGIONS if archive in uploads[region]] == REGIONS
    assert archive not in uploads["ap-northeast-2"]
    assert SERVICE.name not in uploads["eu-central-1"]
    create = next(s.id for s in plan.steps if _is_creation(s))
    assert all(before(plan, f"upload@{region}", create) for region in REGIONS)


def test_they_are_a_stack_set_over_their_own_regions(tmp_path: Path) -> None:
    plan = make_plan(release(tmp_path), NOTHING)
    steps = [s for s in plan.steps if isinstance(s, SetStep) and s.layer == "load_generator"]
    assert [step.do for step in steps] == [DoSet.CREATE, DoSet.ADD]
    assert [where.rpartition("/")[2] for where in steps[-1].places] == REGIONS


def test_what_a_load_test_drives_is_read_back(tmp_path: Path) -> None:
    found = release(tmp_path).load_generators
    assert found is not None
    assert (found.regions, found.workers_a_region) == (tuple(REGIONS), 1)
    assert (found.masters, found.workers) == ("gtm-prod-load-masters", "gtm-prod-load-workers")
