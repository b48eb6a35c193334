"""The lint driver: the rule pack is on, results are remembered by content, and only by content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.checks import lint as driver
from generator.checks.lint import Subject, lint

DISTURBED = json.dumps(
    {
        "Resources": {
            "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {}},
            "Typo": {"Type": "AWS::SNS::Topic", "Properties": {"TopicNam": "x"}},
        }
    },
    indent=2,
)
CLEAN = json.dumps({"Resources": {"Topic": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "lint"


def subject(text: str = DISTURBED, *regions: str, file: str = "a.template.json") -> Subject:
    return Subject(file, text, regions or ("eu-west-1",))


def test_our_rules_and_those_of_cfn_lint_are_both_on(cache: Path) -> None:
    findings = lint([subject()], cache).findings
    rules = {finding.rule for finding in findings}
    assert any(rule.startswith("E9") for rule in rules)
    assert "E3002" in rules


def test_a_finding_says_where_and_what_to_do(cache: Path) -> None:
    findings = lint([subject()], cache).findings
    typo = next(finding for finding in findings if finding.rule == "E3002")
    assert (typo.file, typo.where) == ("a.template.json", "Resources/Typo/Properties/TopicNam")
    assert typo.line == DISTURBED.splitlines().index('        "TopicNam": "x"') + 1
    assert all(finding.fix for finding in findings)


def test_an_unchanged_template_is_not_linted_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lint([subject(), subject(CLEAN)], cache)
    monkeypatch.setattr(driver, "_new_runner", lambda: pytest.fail("cfn-lint was started"))
    again = lint([subject(), subject(CLEAN)], cache)
    assert (len(first.linted), again.linted) == (2, ())
    assert again.findings == first.findings


@pytest.mark.parametrize(
    "other", [subject(CLEAN), subject(DISTURBED, "us-east-1")], ids=["content", "Regions"]
)
def test_only_what_changed_is_linted_again(cache: Path, other: Subject) -> None:
    lint([subject()], cache)
    assert lint([subject(), other], cache).linted == (other.file,)


def test_a_changed_rule_set_forgets_everything(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lint([subject(CLEAN)], cache)
    monkeypatch.setattr(driver, "_rule_set", lambda: "another")
    assert lint([subject(CLEAN)], cache).linted


def test_a_remembered_finding_names_todays_file(cache: Path) -> None:
    lint([subject()], cache)
    again = lint([subject(file="b.template.json")], cache)
    assert {finding.file for finding in again.findings} == {"b.template.json"}


@pytest.mark.parametrize("junk", ["", "not json", '[{"rule": "E1"}]', "{}"])
def test_a_damaged_cache_is_linted_over(cache: Path, junk: str) -> None:
    first = lint([subject()], cache)
    for entry in cache.iterdir():
        entry.write_text(junk)
    assert lint([subject()], cache) == first


def test_text_that_is_no_template_is_a_finding(cache: Path) -> None:
    assert lint([subject("[1, 2")], cache).findings
