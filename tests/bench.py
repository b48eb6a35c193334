"""`make bench`: the numbers that the project promises, as ratios of whole processes in one run.

Both sides of a ratio run in turn, A B A B …, so that a machine that slows down slows both; the
median of the pairwise ratios is what is compared with the promise. Exit code 1 where one is missed.

    no-lint    `build --env prod --no-lint` : a bare troposphere script that imports the same
               submodules and emits the same bytes (`bench_bare`)
    cold       `build --env prod`, cache empty : one cfn-lint Runner over the same files
    unchanged  `build --env prod` again : `build --env prod --no-lint`
    one layer  templates linted after one layer's settings changed : templates that changed

and those of a rollout (`bench_deploy`), of the service (`bench_service`) and of what loads it
(`bench_load`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from generator.checks.lint import RULE_PACK
from tests import bench_deploy, bench_load, bench_service

CHECKOUT = Path(__file__).resolve().parents[1]
BUILD = [sys.executable, "-m", "generator", "build", "--env", "prod"]

WRITE_BARE = """
import sys
from pathlib import Path
from generator.blueprint import nest_regional
from generator.build.release import build_release
from generator.layers import root
from generator.settings import load
release = build_release(load(Path("parameters/prod.yaml")))
used = sorted(m for m in sys.modules if m.split(".")[0] in ("troposphere", "awacs"))
files = {t.layer.name: t.content_name for t in release.templates}
drafts = {files[d.layer.name]: d for d in release.platform.drafts}
drafts[files["regional"]] = nest_regional(release.platform, files)
from tests.bench_bare import script
Path("bare.py").write_text(script(drafts, ", ".join(used)))
"""

RUNNER = """
import json, pathlib
from cfnlint.config import ConfigMixIn
from cfnlint.decode.decode import decode_str
from cfnlint.runner import Runner
rules = {rules!r}
runner = Runner(ConfigMixIn([], append_rules=[rules]))
for name, regions in {subjects!r}:
    runner.config = ConfigMixIn([], append_rules=[rules], regions=regions)
    template, _ = decode_str((pathlib.Path("build/prod") / name).read_text())
    assert not list(runner.validate_template(template)), name
"""


def main() -> int:
    """Measure in a copy of the checkout, print a row a promise, say whether all are kept."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch) / "checkout"
        for name in ("generator", "parameters", "tests"):
            shutil.copytree(CHECKOUT / name, work / name)
        shutil.copy(CHECKOUT / "setup.cfg", work)
        run(work, [*BUILD, "--no-lint"])
        kept = [report(measure(work)) for measure in (no_lint, cold, unchanged, one_layer)]
    for part in (bench_deploy, bench_service, bench_load):
        kept += [report(row) for row in part.rows()]
    return int(not all(kept))


def report(row: Row) -> bool:
    """Print one row; whether its promise is kept."""
    name, ratio, promise, detail = row
    kept = ratio <= promise
    verdict = "kept" if kept else "MISSED"
    print(f"{name:10} {ratio:5.2f}x  promised {promise:.2f}x  {verdict:6}  {detail}", flush=True)
    return kept


Row = tuple[str, float, float, str]


def no_lint(work: Path) -> Row:
    run(work, [sys.executable, "-c", WRITE_BARE])
    bare = [sys.executable, "-c", "import bare"]
    run(work, bare)
    for path in (work / "build/bare").iterdir():
        assert path.read_bytes() == (work / "build/prod" / path.name).read_bytes(), path.name
    return ("no-lint", *compare(work, [*BUILD, "--no-lint"], bare, 2.0, pairs=25))


def cold(work: Path) -> Row:
    manifest = json.loads((work / "build/prod/manifest.json").read_text())
    subjects = [
        (name, unit["regions"])
        for unit in manifest["rollout"]
        for name in (unit["template"], *unit["nested"])
    ]
    runner = [sys.executable, "-c", RUNNER.format(rules=str(RULE_PACK), subjects=subjects)]

    def forget() -> None:
        shutil.rmtree(work / ".cache", ignore_errors=True)

    return ("cold", *compare(work, BUILD, runner, 1.25, pairs=3, before=forget))


def unchanged(work: Path) -> Row:
    return ("unchanged", *compare(work, BUILD, [*BUILD, "--no-lint"], 2.5, pairs=7))


def one_layer(work: Path) -> Row:
    before = set(json.loads((work / "build/prod/manifest.json").read_text())["templates"])
    settings = work / "parameters/prod.yaml"
    text = settings.read_text()
    settings.write_text(text.replace("\ncompute:\n", "\ncompute:\n  root_volume_gib: 21\n"))
    output = run(work, BUILD)
    after = set(json.loads((work / "build/prod/manifest.json").read_text())["templates"])
    linted = int(output.split(" linted, ")[0].rsplit(" ", 1)[-1])
    changed = len(after - before)
    return ("one layer", linted / changed, 1.0, f"{linted} linted, {changed} templates changed")


def compare(
    work: Path,
    ours: Sequence[str],
    theirs: Sequence[str],
    promise: float,
    pairs: int,
    before: Callable[[], None] = lambda: None,
) -> tuple[float, float, str]:
    """Median ratio of `pairs` runs in turn, after one of each that is not counted."""
    times: list[tuple[float, float]] = []
    for _ in range(pairs + 1):
        before()
        times.append((timed(work, ours), timed(work, theirs)))
    a, b = zip(*times[1:], strict=True)
    detail = f"{median(a):.2f} s : {median(b):.2f} s, {pairs} pairs"
    return median(x / y for x, y in times[1:]), promise, detail


def timed(work: Path, command: Sequence[str]) -> float:
    start = time.perf_counter()
    run(work, command)
    return time.perf_counter() - start


def run(work: Path, command: Sequence[str]) -> str:
    # Byte code is kept, as it is for a person who types the command twice.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        command, cwd=work, env={**env, "PYTHONPATH": str(work)}, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{command[-1]}\n{done.stdout}{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
