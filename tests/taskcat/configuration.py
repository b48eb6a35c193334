"""What is launched when: the tests of .taskcat.yml, ordered by the manifest's `after`.

Pure. A template's path says whose it is: `<environment>/<layer>.template.json`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

SUFFIX = ".template.json"
Manifest = Mapping[str, Any]


class Trial(NamedTuple):
    """One test of .taskcat.yml: one template, in some Regions."""

    name: str
    environment: str
    layer: str
    regions: tuple[str, ...]


class Launch(NamedTuple):
    """A test, or the part of its Regions whose turn it is."""

    test: Trial
    regions: tuple[str, ...]


Batch = tuple[Launch, ...]


class Unknown(Exception):
    """A name that .taskcat.yml or the build does not have."""


def trials_of(configured: Mapping[str, Mapping[str, Any]]) -> tuple[Trial, ...]:
    """The `tests` of a .taskcat.yml."""
    return tuple(_test(name, test) for name, test in configured.items())


def _test(name: str, test: Mapping[str, Any]) -> Trial:
    environment, _, file = str(test["template"]).rpartition("/")
    return Trial(name, environment, file.removesuffix(SUFFIX), tuple(test["regions"]))


def chosen(tests: Sequence[Trial], names: Iterable[str], manifest: Manifest) -> tuple[Trial, ...]:
    """The tests of these names, and those of all that they stand on. Raises Unknown."""
    known = {test.name: test for test in tests}
    if missing := sorted(set(names) - set(known)):
        raise Unknown(f".taskcat.yml has no test {', '.join(missing)}; it has {', '.join(known)}")
    after = {unit["layer"]: unit["after"] for unit in manifest["rollout"]}
    needed: set[str] = set()
    waiting = [layer for name in names for layer in after[known[name].layer]]
    while waiting:
        layer = waiting.pop()
        if layer not in needed:
            needed.add(layer)
            waiting += after[layer]
    return tuple(test for test in tests if test.name in set(names) or test.layer in needed)


def batches(tests: Sequence[Trial], manifest: Manifest) -> tuple[Batch, ...]:
    """What may be launched side by side, batch after batch.

    The roots of the Regions come as in a rollout, home first: other Regions join what it makes.
    Raises Unknown for a layer that the build does not have.
    """
    home, stands = manifest["home_region"], _levels(manifest)
    if missing := sorted({test.layer for test in tests} - set(stands)):
        raise Unknown(f"build/{manifest['environment']} has no {', '.join(missing)}")
    levels: dict[int, list[Launch]] = {}
    for test in tests:
        for at_home in (True, False):
            regions = tuple(name for name in test.regions if (name == home) is at_home)
            if regions:
                level = stands[test.layer][0 if at_home else 1]
                levels.setdefault(level, []).append(Launch(test, regions))
    return tuple(tuple(_joined(levels[level])) for level in sorted(levels))


def _levels(manifest: Manifest) -> dict[str, tuple[int, int]]:
    """For each layer its batch in the home Region, and elsewhere."""
    levels: dict[str, tuple[int, int]] = {}
    for unit in manifest["rollout"]:
        first = 1 + max((levels[layer][1] for layer in unit["after"]), default=-1)
        waits = unit["layer"] == manifest["waves"]["layer"]
        levels[unit["layer"]] = (first, first + waits)
    return levels


def _joined(launches: Sequence[Launch]) -> Iterator[Launch]:
    """One launch a test: taskcat has a test once."""
    for test in dict.fromkeys(launch.test for launch in launches):
        parts = {name for launch in launches if launch.test == test for name in launch.regions}
        yield Launch(test, tuple(name for name in test.regions if name in parts))


def carried(
    manifest: Manifest, layer: str, outputs: Mapping[tuple[str, str], Mapping[str, str]]
) -> dict[str, str]:
    """The Parameters that a rollout carries to a layer from outputs of what stands."""
    unit = next(unit for unit in manifest["rollout"] if unit["layer"] == layer)
    return {
        name: outputs[source["layer"], source["region"]][source["output"]]
        for name, source in unit["carried"].items()
    }
