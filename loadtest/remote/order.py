"""What load generators are told: a load, as the environment of Locust has it, and its profile.

No secret is in an order: it lies in a bucket. So only targets that need none are ordered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from generator.errors import UsageError
from loadtest.shape_settings import Trace
from loadtest.sharing import Share
from loadtest.target import Load, load_from

FORMAT = 1
TARGETS = ("edge", "table")
"""What is reached from outside. Behind an edge a load balancer lets CloudFront in only, and a cache
answers within its VPC only."""
OUT = "results"
STOPPED = "interrupted"
"""How a run ended that was stopped before it began."""
READY_WITHIN_SECONDS = 1200.0
"""Until all Regions are ready, or nothing is sent: instances boot and install within two or three
minutes, but capacity may take longer. Whoever ordered gives up then."""
_OWN = ("LOADTEST_PROFILE", "LOADTEST_OUT")
"""Paths, which each machine has of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One Region's part of a load."""

    id: str
    """One for all Regions; runs lie below it."""
    variables: Mapping[str, str]
    """The environment of `loadtest.target`, but for paths."""
    profile: str
    """Name of the profile's file."""
    files: Mapping[str, str]
    """Name to text: the profile, and the trace that it names."""
    workers: int
    """Instances that the master waits for."""

    @property
    def place(self) -> str:
        """Where everything of it lies in the bucket."""
        return f"runs/{self.id}/"

    def load(self, folder: Path) -> Load:
        """The load, with its files in this folder. Raises UsageError, SettingsError, Refused."""
        return load_from(self.environment(folder))

    def environment(self, folder: Path) -> dict[str, str]:
        """What Locust is told in this folder."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        own = zip(_OWN, (str(folder / self.profile), str(folder / OUT)), strict=True)
        return {**self.variables, **dict(own)}


def order_for(load: Load, share: Share, order_id: str, workers: int) -> Order:
    """The order of one Region. Raises UsageError where its target is not reached from outside."""
    if load.target not in TARGETS:
        raise UsageError(
            f"--target {load.target}: load generators in AWS are outside the platform, and reach "
            f"{' and '.join(TARGETS)} only\n    leave --in-aws out, and run it from where it is"
        )
    part = replace(load, share=share, origin_secret="", cache_password="", out=None)
    variables = {k: v for k, v in part.variables().items() if v and k not in _OWN}
    return Order(
        id=order_id,
        variables=variables,
        profile=load.profile.path.name,
        files=_files(load),
        workers=workers,
    )


def _files(load: Load) -> dict[str, str]:
    path, shape = load.profile.path, load.profile.shape
    trace = [shape.file] if isinstance(shape, Trace) else []
    if any(".." in Path(name).parts for name in trace):
        raise UsageError(f"{path}: its trace {trace[0]} is not below the profile's own directory")
    names = {path.name: path, **{name: path.parent / name for name in trace}}
    return {name: file.read_text(encoding="utf-8") for name, file in names.items()}


def order_text(order: Order) -> str:
    """An order as it lies in the bucket."""
    return json.dumps({"format": FORMAT, **asdict(order)}, indent=2) + "\n"


def read_order(text: str) -> Order:
    """What `order_text` wrote. Raises UsageError for anything else."""
    try:
        values = json.loads(text)
        if values.pop("format") != FORMAT:
            raise UsageError("an order of another version: deploy the load generators anew")
        order = Order(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"not an order: {error!r}") from None
    if not re.fullmatch(r"[A-Za-z0-9-]{1,100}", order.id):
        raise UsageError(f"not an order: its id is {order.id}")
    return order
