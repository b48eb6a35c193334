"""What is wrong with a file before its keys are looked at: encoding, syntax, YAML's surprises."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from generator.errors import Exit, SettingsError
from generator.settings import load, text
from tests.settings.reading import START, faults, only, read


def fault_of_file(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert caught.value.exit_code == Exit.BAD_INPUT
    return str(caught.value).replace(path.parent.as_posix(), "parameters")


def test_a_missing_file_names_the_nearest_environment(tmp_path: Path) -> None:
    for name in ("dev", "prod", "staging"):
        (tmp_path / f"{name}.yaml").touch()
    message = fault_of_file(tmp_path / "stagign.yaml")
    assert message.startswith("parameters/stagign.yaml:1:1: (file): there is no such file\n")
    assert "Did you mean parameters/staging.yaml?" in message


def test_a_missing_file_lists_environments_if_none_is_near(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        (tmp_path / f"{name}.yaml").touch()
    assert "Environments there: dev, prod." in fault_of_file(tmp_path / "qqqqqq.yaml")


def test_a_missing_directory_points_to_the_examples(tmp_path: Path) -> None:
    assert "parameters/ has examples" in fault_of_file(tmp_path / "no" / "such.yaml")


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    assert "this is a directory" in fault_of_file(tmp_path)


def test_a_name_no_file_can_have_is_a_fault() -> None:
    assert "cannot be read" in fault_of_file(Path("a\0b.yaml"))


def test_other_encodings_are_refused_with_the_place(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("environment: test\n# Grüße\n".encode("latin-1"))
    assert "latin.yaml:2:5: (file): byte 0xfc is not UTF-8" in fault_of_file(path)


def test_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.yaml"
    path.write_text(START, encoding="utf-16")
    assert "wide.yaml:1:1: (file): byte 0xff is not UTF-8" in fault_of_file(path)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "test.yaml"
    path.write_text(START, encoding="utf-8-sig")
    assert load(path).environment == "test"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"#" * 300 * 1024)
    assert "the file has 300 KiB\n    At most 256 KiB are read." in fault_of_file(path)


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{here}: &{here} [{', '.join([f'*{last}'] * 9)}]\n"
    for last, here in zip("abcdefg", "bcdefgh", strict=True)
)

WHOLE_FILE_FAULTS = {
    # case: (text, line, column, in the problem, in the remedy)
    "empty": ("", 1, 1, "the file is empty", "copy"),
    "only a comment": ("# nothing\n", 1, 1, "the file is empty", "copy"),
    "a list": ("- environment: test\n", 1, 1, "no mapping", "`key: value`"),
    "a text": ("environment", 1, 1, "no mapping", "`key: value`"),
    "null": ("~", 1, 1, "no mapping", "`key: value`"),
    "a tagged top": ("!!python/object:os.system {}", 1, 1, "!!python/object", "Delete the tag"),
    "a tab": ("zones:\n\t- 2\n", 2, 1, "not YAML", "spaces"),
    "a sign of YAML": ("a: @b\n", 1, 4, "not YAML", "quotes"),
    "an open bracket": ("a: [1, 2\nb: 3\n", 2, 2, "not YAML", "brackets"),
    "an open quote": ('a: "x\n', 2, 1, "not YAML", "quotes"),
    "a colon in text": ("a: b: c\n", 1, 5, "mapping values are not allowed", "quotes"),
    "an indentation": ("a: 1\n  b: 2\n", 2, 4, "mapping values are not allowed", "indentation"),
    "an unknown alias": ("a: *b\n", 1, 4, "undefined alias", "anchor"),
    "an undefined tag handle": ("a: !x!y 1\n", 1, 4, "not YAML", "Look at"),
    "a second document": (START + "---\n" + START, 4, 1, "second YAML document", "one environment"),
    "a control character": ("a: 1\nb: \x07\n", 2, 4, "U+0007", "Delete it"),
    "deep nesting": ("a: " + "[" * 100_000, 1, 19, "more than 16 levels", "bracket"),
    "billion laughs": (BOMB, 1, 32, "more than 5000 values", "fewer aliases"),
    "a list in itself": ("a: &a [*a]\n", 1, 4, "a[0] contains itself", "anchor"),
    "a mapping in itself": ("a: &a\n  b: *a\n", 1, 4, "a.b contains itself", "anchor"),
    "a merge of itself": ("a: &a\n  <<: *a\n", 1, 4, "contains itself", "anchor"),
    "the file in itself": ("&a\na: *a\n", 1, 1, "a contains itself", "anchor"),
}


@pytest.mark.parametrize("case", WHOLE_FILE_FAULTS)
def test_a_text_that_is_no_settings_file(case: str) -> None:
    written, line, column, problem, remedy = WHOLE_FILE_FAULTS[case]
    fault = only(written)
    assert (fault.line, fault.column, fault.key) == (line, column, "(file)")
    assert problem in fault.problem
    assert remedy in fault.remedy


UNCLEAR = {
    # what follows "log_retention_days: " on line 4: (in the problem, in the remedy)
    "012": ("found 012, which YAML reads as the octal number 10", 'text is meant: "012"'),
    "0_12_": ("octal number 10", "plain decimal number"),
    "0x1F": ("found 0x1F, a number whose value depends on who reads it", '"0x1F"'),
    "0b11": ("depends on who reads it", "plain decimal number"),
    "1_000": ("depends on who reads it", "plain decimal number"),
    "1:30": ("found 1:30, which YAML reads as a number to base 60", '"1:30"'),
    "1:30.5": ("to base 60", '"1:30.5"'),
    "9" * 5000: ("depends on who reads it", "plain decimal number"),
    "2024-01-01": ("found 2024-01-01, which YAML reads as a date", '"2024-01-01"'),
    "2024-01-01 10:00:00": ("reads as a date", "Quote it"),
    "!!python/object/apply:os.system ['ls']": ("!!python/object/apply:os.system", "Delete the tag"),
    "!!python/name:os.system ''": ("the YAML tag", "Delete the tag"),
    "!secret abc": ("the YAML tag !secret is refused", "Delete the tag"),
    "!!binary aGk=": ("the YAML tag !!binary", "Delete the tag"),
    "!!set {a, b}": ("the YAML tag !!set", "Delete the tag"),
    "!!str [a]": ("the YAML tag !!str", "Delete the tag"),
    "!!int abc": ("found abc", "plain decimal number"),
    "!!bool 3": ("found 3 tagged as true/false", "true or false"),
}


@pytest.mark.parametrize("written", UNCLEAR, ids=lambda written: str(written)[:20])
def test_values_that_yaml_does_not_read_as_people_do(written: str) -> None:
    problem, remedy = UNCLEAR[written]
    fault = only(f"{START}log_retention_days: {written}\n")
    assert (fault.line, fault.column, fault.key) == (4, 21, "log_retention_days")
    assert problem in fault.problem
    assert remedy in fault.remedy
    assert len(str(fault)) < 400


KEYS = {
    # line 4: (place, in the problem, in the remedy)
    "1: x": ("4:1 1", "the key 1 is not text to YAML", 'Quote it, as in "1"'),
    "on: x": ("4:1 on", "the key on is not text", '"on"'),
    "tags: {2024: x}": ("4:8 tags.2024", "the key 2024 is not text", '"2024"'),
    "tags: {no: x}": ("4:8 tags.no", "the key no is not text", '"no"'),
    "~: x": ("4:1 ~", "is not text", "Quote it"),
    "? [a, b]\n: x": ("4:3 ?", "a key has to be text", "a word"),
    "{a: b}: x": ("4:1 ?", "a key has to be text", "a word"),
    "environment: again": ("4:1 environment", "the key is written twice", "on line 1 too"),
    "zones: 2\nzones: 3": ("5:1 zones", "the key is written twice", "on line 4 too"),
    "tags: {a: x, a: x}": ("4:14 tags.a", "the key is written twice", "on line 4 too"),
    "network: {<<: 3}": ("4:15 network.<<", "`<<` merges mappings only", "an alias"),
}


@pytest.mark.parametrize("written", KEYS)
def test_keys_that_are_not_unique_text(written: str) -> None:
    place, problem, remedy = KEYS[written]
    fault = only(f"{START}{written}\n")
    assert f"{fault.line}:{fault.column} {fault.key}" == place
    assert problem in fault.problem
    assert remedy in fault.remedy


def test_aliases_and_merge_keys_are_read() -> None:
    settings = read(
        """
        environment: test
        home_region: &home ap-northeast-2
        regions:
          - &first {name: *home, minimum_instances: 3, maximum_instances: 9}
          - {<<: *first, name: us-east-1, maximum_instances: 8}
          - <<: [{maximum_instances: 7}, *first]
            name: eu-west-1
        domain: {name: example.com}
        """
    )
    sizes = [(r.name, r.minimum_instances, r.maximum_instances) for r in settings.regions]
    assert sizes == [("ap-northeast-2", 3, 9), ("us-east-1", 3, 8), ("eu-west-1", 3, 7)]


def test_a_fault_in_a_merged_key_is_shown_where_it_is_written() -> None:
    written = """\
environment: test
home_region: us-east-1
regions:
  - &first {name: us-east-1, weigth: 3}
  - {<<: *first, name: us-east-2}
"""
    found = [f"{fault.line}:{fault.column} {fault.key}" for fault in faults(written)]
    assert found == ["4:30 regions[0].weigth", "4:30 regions[1].weigth"]


def test_yes_and_off_are_true_and_false_where_that_is_wanted() -> None:
    settings = read(START + "compute: {warm_pool: yes}\nedge: {origin_shield: off}\n")
    assert settings.compute.warm_pool
    assert not settings.edge.origin_shield


def test_a_whole_number_will_do_for_a_decimal() -> None:
    settings = read(START + "monitoring: {latency_warning_seconds: 1}\n")
    assert settings.monitoring.latency_warning_seconds == 1.0


def test_an_empty_optional_section_is_as_if_left_out() -> None:
    assert read(START + "schedule:\ndomain: ~\n") == read(START)


@pytest.mark.parametrize("case", WHOLE_FILE_FAULTS)
def test_the_pure_parser_finds_the_same(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LOADER", yaml.SafeLoader)
    written, line, _, problem, _ = WHOLE_FILE_FAULTS[case]
    fault = only(written)
    assert problem in fault.problem
    assert abs(fault.line - line) <= 1  # libyaml places the end of a text one line further


def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    prod = Path(__file__).parents[2] / "parameters" / "prod.yaml"
    fast = load(prod)
    monkeypatch.setattr(text, "LOADER", yaml.SafeLoader)
    assert load(prod) == fast
