"""A Region's bucket, where a person's machine and the load generators meet, and their two groups.

    orders/current.json                 the last order
    runs/ORDER/master                   the master's address; the first one that writes it is it
    runs/ORDER/workers/INSTANCE         how many processes of Locust it will run
    runs/ORDER/ready, go, stop, done    where the run is, by whoever says so
    runs/ORDER/progress                 a line, while it runs
    runs/ORDER/results/FILE             the folder of the run

Each call may take half a minute of retries (botocore's standard mode). Raises AwsError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from generator.errors import AwsError

CURRENT = "orders/current.json"
RESULTS = "results/"
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})
_TAKEN = ("PreconditionFailed", "ConditionalRequestConflict")
_MISSING = ("NoSuchKey", "404")


class Sizes(NamedTuple):
    """Desired capacities, in instances."""

    master: int
    workers: int


OFF = Sizes(0, 0)


class Bucket:
    """The meeting place of a Region."""

    def __init__(self, region: str, name: str) -> None:
        self.region, self.name = region, name
        self._s3 = boto3.client("s3", region_name=region, config=_CONFIG)

    def read(self, key: str) -> str | None:
        """An object's text; None where there is none."""
        with _speaking(f"{self.region}: {self.name}/{key} was not read", "s3:GetObject"):
            try:
                answer = self._s3.get_object(Bucket=self.name, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _MISSING:
                    return None
                raise
            text: str = answer["Body"].read().decode()
            return text

    def write(self, key: str, text: str = "") -> None:
        """Write an object."""
        with _speaking(f"{self.region}: {self.name}/{key} was not written", "s3:PutObject"):
            self._s3.put_object(Bucket=self.name, Key=key, Body=text.encode())

    def claim(self, key: str, text: str) -> bool:
        """Write an object that nobody has written; whether we were the first."""
        with _speaking(f"{self.region}: {self.name}/{key} was not written", "s3:PutObject"):
            try:
                self._s3.put_object(Bucket=self.name, Key=key, Body=text.encode(), IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] in _TAKEN:
                    return False
                raise
            return True

    def keys(self, prefix: str) -> list[str]:
        """What lies below a prefix, without it."""
        with _speaking(f"{self.region}: {self.name} was not listed", "s3:ListBucket"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                Bucket=self.name, Prefix=prefix
            )
            found = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
            return [key.removeprefix(prefix) for key in found]

    def upload(self, folder: Path, prefix: str) -> None:
        """Every file of a folder."""
        with _speaking(f"{self.region}: results were not written", "s3:PutObject"):
            for path in sorted(path for path in folder.iterdir() if path.is_file()):
                self._s3.upload_file(str(path), self.name, prefix + path.name)

    def download(self, prefix: str, folder: Path) -> None:
        """Every file below a prefix, into a folder; what is further below is left."""
        folder.mkdir(parents=True, exist_ok=True)
        with _speaking(f"{self.region}: results were not read", "s3:GetObject"):
            for name in self.keys(prefix):
                if name and "/" not in name:
                    self._s3.download_file(self.name, prefix + name, str(folder / name))


class Groups:
    """The two Auto Scaling groups of a Region: at most one master, and its workers."""

    def __init__(self, region: str, master: str, workers: str) -> None:
        self.region, self._names = region, (master, workers)
        self._autoscaling = boto3.client("autoscaling", region_name=region, config=_CONFIG)

    def sizes(self) -> Sizes:
        """The desired capacities. AwsError where a group is missing, too."""
        return Sizes(*(group["DesiredCapacity"] for group in self._described()))

    def are_empty(self) -> bool:
        """Whether no instance is wanted, and none is there that still ends.

        One that ends may yet set both groups to 0. AwsError as of `sizes`.
        """
        groups = self._described()
        return not any(group["DesiredCapacity"] or group["Instances"] for group in groups)

    def _described(self) -> list[dict[str, Any]]:
        action = "autoscaling:DescribeAutoScalingGroups"
        with _speaking(f"{self.region}: the load generators were not found", action):
            answer = self._autoscaling.describe_auto_scaling_groups(
                AutoScalingGroupNames=list(self._names)
            )
        found = {each["AutoScalingGroupName"]: each for each in answer["AutoScalingGroups"]}
        missing = [name for name in self._names if name not in found]
        if missing:
            raise AwsError(
                f"{self.region}: there is no Auto Scaling group {missing[0]}\n"
                "    deploy the load generators first: python -m generator deploy"
            )
        return [found[name] for name in self._names]

    def resize(self, sizes: Sizes) -> None:
        """Set the desired capacities; workers first, so that none is left without its master."""
        action = "autoscaling:SetDesiredCapacity"
        with _speaking(f"{self.region}: the load generators were not switched", action):
            for name, size in reversed([*zip(self._names, sizes, strict=True)]):
                self._autoscaling.set_desired_capacity(
                    AutoScalingGroupName=name, DesiredCapacity=size, HonorCooldown=False
                )


@contextmanager
def _speaking(what: str, action: str) -> Iterator[None]:
    """What AWS refuses, in words."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise AwsError(f"{what}: {error}\n    allow {action} there") from error
