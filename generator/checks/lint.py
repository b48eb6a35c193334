"""cfn-lint with our rule pack over many templates: one process, one Runner, results cached.

A result is good for as long as the template's bytes, its Regions, the rule pack's bytes and
cfn-lint's version stay the same; together they name the cache entry. cfn-lint itself (0.8 s) is
imported only when an entry is missing.
"""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cfnlint.config import ConfigMixIn
    from cfnlint.match import Match
    from cfnlint.runner import Runner

RULE_PACK = Path(__file__).parent / "rules"


class Finding(NamedTuple):
    """One finding. `where` is the path inside the template; `fix` says what to do about it."""

    rule: str
    file: str
    line: int
    where: str
    message: str
    fix: str


class Subject(NamedTuple):
    """A template to lint: its file name, its text, and the Regions that it is for."""

    file: str
    text: str
    regions: tuple[str, ...]


class LintResult(NamedTuple):
    """All findings, and how many templates were linted rather than remembered."""

    findings: tuple[Finding, ...]
    linted: tuple[str, ...]


Progress = Callable[[str, int, int], None]
"""Called when a template is done: its file name, how many are, and how many there are."""


def lint(
    subjects: Sequence[Subject],
    cache_dir: Path,
    progress: Progress = lambda file, done, total: None,
) -> LintResult:
    """Lint what the cache does not know."""
    findings: list[Finding] = []
    linted: list[str] = []
    runner: Runner | None = None
    for done, subject in enumerate(subjects, start=1):
        entry = cache_dir / f"{_cache_key(subject)}.json"
        known = _read(entry, subject.file)
        if known is None:
            runner = runner or _new_runner()
            known = _run(runner, subject)
            linted.append(subject.file)
            _write(entry, known)
        findings.extend(known)
        progress(subject.file, done, len(subjects))
    return LintResult(tuple(sorted(findings)), tuple(linted))


def _cache_key(subject: Subject) -> str:
    parts = (subject.text, *sorted(subject.regions), _rule_set())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _rule_set() -> str:
    """Digest of everything that can change a verdict besides the template."""
    from importlib import metadata

    digest = hashlib.sha256(metadata.version("cfn-lint").encode())
    for path in sorted(RULE_PACK.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(entry: Path, file: str) -> list[Finding] | None:
    """A remembered result, under today's file name; None where there is none that can be read."""
    try:
        rows = json.loads(entry.read_text())["findings"]
        return [Finding(**{**row, "file": file}) for row in rows]
    except (FileNotFoundError, json.JSONDecodeError, KeyError, TypeError):
        return None


def _write(entry: Path, findings: Sequence[Finding]) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    fresh = entry.with_suffix(".new")
    fresh.write_text(json.dumps({"findings": [finding._asdict() for finding in findings]}))
    fresh.replace(entry)


def _new_runner() -> Runner:
    from cfnlint.runner import Runner

    gc.enable()  # Off in short commands; linting makes cycles by the hundred megabytes.
    return Runner(_configuration(()))


def _configuration(regions: Sequence[str]) -> ConfigMixIn:
    from cfnlint.config import ConfigMixIn

    only = ["--regions", *regions] if regions else []
    return ConfigMixIn(["--append-rules", str(RULE_PACK), *only])


def _run(runner: Runner, subject: Subject) -> list[Finding]:
    from cfnlint.decode.decode import decode_str

    runner.config = _configuration(subject.regions)
    template, errors = decode_str(subject.text)
    matches = list(errors) if errors else list(runner.validate_template(template or {}))
    return sorted(_finding(match, subject.file) for match in matches)


def _finding(match: Match, file: str) -> Finding:
    rule = match.rule
    path = [str(part) for part in getattr(match, "path", None) or ()]
    fix = getattr(rule, "fix", "") or rule.source_url
    return Finding(rule.id, file, match.linenumber, "/".join(path), match.message, fix)
