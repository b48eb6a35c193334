"""One batch: taskcat's Config and CFNTest, watched until every stack is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import botocore.session
from taskcat._cfn.threaded import Stacker
from taskcat._client_factory import Boto3Cache
from taskcat._config import Config
from taskcat.exceptions import TaskCatException
from taskcat.testing import CFNTest

from tests.taskcat import project
from tests.taskcat.configuration import Batch, carried
from tests.taskcat.watching import Watcher, judge

# One reader of service models a process: taskcat makes a session for every Region of every batch.
botocore.session.create_loader = cache(botocore.session.create_loader)

_CREATE = Stacker._create_stacks_for_test
FIRST_LAYER = "storage"
"""It makes the buckets that everything after it is uploaded to; itself comes from taskcat's own."""


@dataclass
class Platform:
    """One environment in one account, while its batches are launched, and after."""

    build: Path
    root: Path
    """The folder that taskcat uploads."""
    configuration: Path
    poll_seconds: float
    emulated: bool
    """Against the sandbox, where the policy of taskcat's own bucket would refuse everybody."""
    launched: list[Any] = field(default_factory=list)
    outputs: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    uploaded: set[str] = field(default_factory=set)
    """Regions whose artifact bucket has the project."""

    @property
    def manifest(self) -> dict[str, Any]:
        """The build's."""
        return project.read_manifest(self.build)

    def take(self, build: Path, *, older: Path | None = None) -> None:
        """Launch this build from now on, beside what stands of an older one."""
        self.build = build
        self.uploaded.clear()
        project.stage(build, self.root, older=older)

    def launch(self, batch: Batch) -> None:
        """Create the stacks of a batch. Raises Failed; what was begun is in `launched`."""
        test = CFNTest(
            self.config(batch),
            printer=Watcher(self.poll_seconds),
            skip_upload=self._is_uploaded(batch),
            lint_disable=True,  # the build has linted them, with our rules
            dont_wait_for_delete=False,
        )
        self.launched.append(test)
        with patch.object(Stacker, "_create_stacks_for_test", _with_tags_of_its_own):
            test.run()
        self._note_upload(batch)
        judge(test.result, "CREATE_COMPLETE")
        self.remember(batch, test.result)

    def config(self, batch: Batch) -> Any:
        """taskcat's view of .taskcat.yml, cut down to the batch, with what only a run knows."""
        config = Config.create(
            project_root=self.root,
            project_config_path=self.configuration,
            args={"project": dict(self._project(batch))},
        )
        tests, every = {}, config.config.tests
        for launch in batch:
            test = tests[launch.test.name] = every[launch.test.name]
            test.regions = list(launch.regions)
            test.parameters = {
                **project.parameters(self.build, launch.test.layer, launch.regions),
                **test.parameters,
                **carried(self.manifest, launch.test.layer, self.outputs),
            }
        config.config.tests = tests
        return config

    def _project(self, batch: Batch) -> Iterator[tuple[str, object]]:
        if self.emulated:
            yield "s3_enable_sig_v2", True
        if not _makes_buckets(batch):
            prefix = self.manifest["prefix"]
            yield "s3_bucket", f"{prefix}-artifacts-{Boto3Cache().account_id()}"

    def _is_uploaded(self, batch: Batch) -> bool:
        return all(set(launch.regions) <= self.uploaded for launch in batch)

    def _note_upload(self, batch: Batch) -> None:
        if not _makes_buckets(batch):
            self.uploaded.update(region for launch in batch for region in launch.regions)

    def remember(self, batch: Batch, stacks: Iterable[Any]) -> None:
        """Keep outputs for whoever is given them."""
        layers = {launch.test.name: launch.test.layer for launch in batch}
        for stack in stacks:
            values = {output.key: output.value for output in stack.outputs}
            self.outputs[layers[stack.test_name], stack.region_name] = values

    @property
    def stacker(self) -> Any:
        """All stacks of all batches as one, for taskcat's report."""
        whole = Stacker("", {})
        whole.stacks.extend(stack for test in self._begun for stack in test.test_definition.stacks)
        return whole

    @property
    def _begun(self) -> list[Any]:
        """taskcat has a `test_definition` only when it came as far as the stacks."""
        return [test for test in self.launched if "test_definition" in vars(test)]

    def clean_up(self) -> tuple[str, ...]:
        """Delete what was launched, last first, and taskcat's own buckets; what would not go."""
        for test in reversed(self._begun):
            # It complains of what was not created, deleted or not; that is known by now.
            with suppress(TaskCatException):
                test.clean_up()
        for bucket in _own_buckets(self._begun).values():
            bucket.delete(delete_objects=True)
        return tuple(
            f"{stack.test_name} in {stack.region_name} is not deleted: {stack.id}"
            for stack in self.stacker.stacks
            if not _is_gone(stack)
        )


def _is_gone(stack: Any) -> bool:
    """CloudFormation's own word: a failed stack, once deleted, is OUT_OF_ORDER_EVENT to taskcat."""
    if stack.launch_exception:
        return True
    found = stack.client.describe_stacks(StackName=stack.id)["Stacks"]
    return bool(found[0]["StackStatus"] == "DELETE_COMPLETE")


def _with_tags_of_its_own(stacker: Any, test: Any, tags: list[Any]) -> None:
    """taskcat adds the tags of each test to one list: the last stack would have everybody's."""
    _CREATE(stacker, test, list(tags))


def _makes_buckets(batch: Batch) -> bool:
    return any(launch.test.layer == FIRST_LAYER for launch in batch)


def _own_buckets(launched: Iterable[Any]) -> Mapping[str, Any]:
    """Buckets that taskcat made: it forgets those that are regional."""
    regions = [
        r for test in launched for t in test.test_definition.tests.values() for r in t.regions
    ]
    return {r.s3_bucket.name: r.s3_bucket for r in regions if r.s3_bucket.auto_generated}
