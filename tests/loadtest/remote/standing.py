"""Load generators that stand in the sandbox, and their instances as processes of this machine.

The stack is the layer's own template. The emulator's instances run nothing, so where a group is
switched on, what user data would start is started here: out of the archive that a build packs, in a
bare directory, with the environment that an instance has, on loopback.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from generator.blueprint import draft_platform
from generator.build import generator_files
from generator.build.archive import packed
from generator.settings.sections import LoadGenerator
from loadtest.remote.aws import Bucket, Groups
from tests.layers.support import settings
from tests.loadtest.counting import counting
from tests.local_aws import Account

REGIONS = ("eu-west-1", "us-east-1")
CHOSEN = settings(load_generator=LoadGenerator(regions=list(REGIONS), workers=1))
MASTERS, WORKERS = "gtm-test-load-masters", "gtm-test-load-workers"
STACK = "StackSet-gtm-test-load-generator-1"
START = (
    "import sys; sys.path.insert(0, '.'); import loadtest.remote.instance as it;"
    "assert it.__file__.startswith(sys.argv[1]), it.__file__;"
    "it.POLL_SECONDS = 0.3; sys.exit(it.main())"
)
"""As `python -m loadtest.remote.instance`, but that what waits on AWS for minutes does not here."""


def template(workers: int = 1) -> str:
    """The layer's template, of a platform that has it."""
    chosen = CHOSEN.model_copy(
        update={"load_generator": LoadGenerator(regions=list(REGIONS), workers=workers)}
    )
    drafts = {draft.layer.name: draft for draft in draft_platform(chosen).drafts}
    return str(drafts["load_generator"].template.to_json(indent=None))


def stored(account: Account, text: str) -> str:
    """A template's address: it is longer than what is taken inline."""
    s3, bucket = account.client("s3"), f"templates-{account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="t", Body=text.encode())
    return f"{account.sandbox.endpoint}/{bucket}/t"


def stand(account: Account, region: str) -> Any:
    """The layer's stack in a Region; a client of CloudFormation there."""
    client = account.client("cloudformation", region)
    url = stored(account, template())
    client.create_stack(StackName=STACK, TemplateURL=url, Capabilities=["CAPABILITY_NAMED_IAM"])
    client.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0})
    return client


class Region(NamedTuple):
    """A Region's load generators."""

    name: str
    bucket: Bucket
    groups: Groups
    port: int
    """Of its master: all of them are on this machine."""


def region_of(account: Account, name: str) -> Region:
    """A Region in which the stack stands, as one who works in the account."""
    bucket = Bucket(name, f"gtm-test-loadtests-{account.id}-{name}")
    with counting() as free:
        return Region(name, bucket, Groups(name, MASTERS, WORKERS), free.port)


class Instances:
    """Starts a process for each group that is switched on, and ends it when it is switched off.

    As Auto Scaling would; a process that ends by itself is not started again.
    """

    def __init__(self, regions: list[Region], folder: Path) -> None:
        self._regions, self._folder = regions, folder.resolve()
        self._processes: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        with tarfile.open(fileobj=io.BytesIO(packed(generator_files.files()))) as archive:
            archive.extractall(self._folder / "archive", filter="data")

    def __enter__(self) -> Instances:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(30)
        for process in self._processes.values():
            process.kill()
            process.wait()

    def log(self) -> str:
        """What all of them said."""
        return "\n".join(path.read_text() for path in sorted(self._folder.glob("*.log")))

    def _follow(self) -> None:
        while not self._over.wait(0.3):
            for region in self._regions:
                sizes = region.groups.sizes()
                self._follow_group(region, "master", sizes.master)
                self._follow_group(region, "worker", sizes.workers)

    def _follow_group(self, region: Region, role: str, size: int) -> None:
        running = self._processes.get((region.name, role))
        if size and running is None:
            self._processes[region.name, role] = self._start(region, role)
        elif not size and running:
            running.terminate()

    def _start(self, region: Region, role: str) -> subprocess.Popen[bytes]:
        archive = self._folder / "archive"
        with (self._folder / f"{region.name}-{role}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-P", "-c", START, str(archive)],
                cwd=archive,
                env={**os.environ, **self.place(region, role)},
                stdout=log,
                stderr=log,
            )

    def place(self, region: Region, role: str) -> Mapping[str, str]:
        """What user data writes for an instance."""
        return {
            "GENERATOR_ROLE": role,
            "GENERATOR_REGION": region.name,
            "GENERATOR_BUCKET": region.bucket.name,
            "GENERATOR_MASTERS": MASTERS,
            "GENERATOR_WORKERS": WORKERS,
            "GENERATOR_INSTANCE": f"i-{role}",
            "GENERATOR_ADDRESS": "127.0.0.1",
            "GENERATOR_PORT": str(region.port),
            "GENERATOR_PROCESSES": "1",
            "GENERATOR_FOLDER": str(self._folder / f"{region.name}-{role}"),
        }
