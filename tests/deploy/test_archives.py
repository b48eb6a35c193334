"""The service's archive: in each Region's bucket before that Region's instances start."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from generator.build.archive import Archive
from generator.deploy.built_files import read_release
from generator.deploy.planning import make_plan
from generator.deploy.steps import StackStep, UploadStep
from generator.errors import UsageError
from tests.deploy.conftest import SERVICE, pair
from tests.deploy.support import before, built
from tests.deploy.support import standing as world_of
from tests.standing import REGIONS, Standing

NEXT = Archive(SERVICE.content + b"next")


@pytest.mark.parametrize("region", REGIONS)
def test_it_lies_in_the_bucket_of_each_region_as_it_was_built(
    standing: Standing, region: str
) -> None:
    release, account = standing.release, standing.account
    stored = account.client("s3", region).get_object(
        Bucket=release.bucket_in(region, account.id), Key=release.key_prefix + SERVICE.name
    )
    assert stored["Body"].read() == SERVICE.content
    assert stored["ContentType"] == "application/gzip"


def test_its_parameters_name_what_was_uploaded(tmp_path: Path) -> None:
    release = built(tmp_path, pair())
    for region in REGIONS:
        values = release.parameters[region, "regional"]
        content = release.archives[values["ArtifactKey"]]
        assert hashlib.sha256(content).hexdigest() == values["ArtifactSha256"]


def test_another_service_is_uploaded_and_then_rolled_out_region_by_region(tmp_path: Path) -> None:
    """And nothing else is touched."""
    world = world_of(built(tmp_path / "old", pair()))
    plan = make_plan(built(tmp_path / "new", pair(), NEXT), world)
    uploads = {step.region: step.files for step in plan.steps if isinstance(step, UploadStep)}
    assert all(NEXT.name in uploads[region] for region in REGIONS)
    assert {s.name for s in plan.steps if isinstance(s, StackStep)} == {"gtm-prod-regional"}
    for region in REGIONS:
        assert before(plan, f"upload@{region}", f"regional@{region}")


def test_an_archive_that_is_not_the_one_that_was_built_is_refused(tmp_path: Path) -> None:
    built(tmp_path, pair())
    (tmp_path / "prod" / SERVICE.name).write_bytes(b"something else")
    with pytest.raises(UsageError, match="not the file that was built"):
        read_release(tmp_path / "prod")
