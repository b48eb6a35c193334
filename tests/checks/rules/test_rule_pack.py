"""Each rule finds what is wrong in its bad templates, and nothing in its good one."""

from pathlib import Path

import pytest
from cfnlint.rules import CloudFormationLintRule, Rules

from tests.checks.rules.pack import (
    BAD,
    ELSEWHERE,
    FILES,
    FIXTURES,
    GOOD,
    IDS,
    LAYERS,
    Lint,
    rule_of,
)


@pytest.mark.parametrize("rule_id", IDS)
def test_every_rule_has_fixtures(rule_id: str) -> None:
    assert (FIXTURES / f"{rule_id}.good.yaml").is_file()
    assert (FIXTURES / f"{rule_id}.bad.yaml").is_file()


@pytest.mark.parametrize("fixture", [*BAD, *GOOD], ids=lambda path: path.name)
def test_every_fixture_has_a_rule(fixture: Path) -> None:
    assert rule_of(fixture) in IDS


@pytest.mark.parametrize("fixture", BAD, ids=lambda path: path.name)
def test_bad_template_is_reported(fixture: Path, pack: Rules, lint: Lint) -> None:
    rule_id = rule_of(fixture)
    matches = lint(fixture, pack, ELSEWHERE.get(rule_id, "us-east-1"))
    found = [match for match in matches if match.rule.id == rule_id]
    assert found, [str(match) for match in matches]
    names = fixture.read_text()
    for match in found:
        section, name, *_ = map(str, vars(match)["path"])  # cfn-lint adds it at run time
        assert section in ("Resources", "Parameters", "Outputs")
        assert f"  {name}:" in names
        assert match.message.startswith(f"{name}: ")
        assert match.linenumber > 1


@pytest.mark.parametrize("fixture", GOOD, ids=lambda path: path.name)
def test_good_template_is_not_reported(fixture: Path, everything: Rules, lint: Lint) -> None:
    rule_id = rule_of(fixture)
    matches = lint(fixture, everything, ELSEWHERE.get(rule_id, "us-east-1"))
    # A small template breaks other rules of the pack; it must be valid, and right for its own rule.
    wrong = [one for one in matches if one.rule.id == rule_id or _is_cfn_lint_error(one.rule.id)]
    assert not wrong, [f"{match.rule.id} {match.message}" for match in wrong]


@pytest.mark.parametrize("rule_id", sorted(ELSEWHERE))
def test_what_is_bad_elsewhere_is_right_in_us_east_1(rule_id: str, pack: Rules, lint: Lint) -> None:
    for fixture in FIXTURES.glob(f"{rule_id}.*.yaml"):
        matches = lint(fixture, pack, "us-east-1")
        assert rule_id not in {match.rule.id for match in matches}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_rule_explains_itself(file: Path, pack: Rules) -> None:
    rule = pack[next(one for one, other in zip(IDS, FILES, strict=True) if other == file)]
    layer = file.parent.name
    assert rule.id.startswith(f"E9{LAYERS.index(layer):02}")
    assert rule.tags == ["gtm", layer]
    for words in (rule.shortdesc, rule.description, *_own(rule, "__doc__", "risk", "fix")):
        assert words.strip()
    assert rule.source_url.startswith("https://docs.aws.amazon.com/")
    assert type(rule).__name__ == "".join(part.capitalize() for part in file.stem.split("_"))


def test_ids_are_unique_and_free(pack: Rules, everything: Rules) -> None:
    assert len(set(IDS)) == len(IDS) == len(pack)
    assert len(everything) > len(pack)  # Rules refuses an id that is taken already


def _own(rule: CloudFormationLintRule, *names: str) -> list[str]:
    return [str(vars(type(rule)).get(name) or "") for name in names]


def _is_cfn_lint_error(rule_id: str) -> bool:
    return rule_id.startswith("E") and not rule_id.startswith("E9")
