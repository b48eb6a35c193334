"""A result file that is not what it should be is refused: where, why, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.errors import Exit, UsageError
from loadtest.jmeter.importing import read_samples
from tests.loadtest.jmeter.result_files import COLUMNS, Made, write_csv, write_xml

HEADER = "timeStamp,elapsed,label,responseCode,responseMessage,success,threadName,bytes,allThreads"
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<testResults>&b;</testResults>"
)


def refusal(file: Path) -> str:
    """Line, problem and remedy."""
    with pytest.raises(UsageError) as caught:
        list(read_samples(file))
    assert caught.value.exit_code == Exit.BAD_INPUT
    assert str(caught.value).startswith(f"{file.as_posix()}:")
    return str(caught.value).removeprefix(f"{file.as_posix()}:")


def refusal_of(text: str, tmp_path: Path) -> str:
    file = tmp_path / "results.jtl"
    file.write_text(text, encoding="utf-8")
    return refusal(file)


def test_a_header_that_lacks_columns_says_which_and_what_saves_them(tmp_path: Path) -> None:
    some = [column for column in COLUMNS if column not in ("bytes", "allThreads")]
    assert refusal(write_csv(tmp_path / "results.jtl", [Made(0, 1)], some)) == (
        "1: the header lacks bytes, allThreads\n"
        "    run jmeter with -Jjmeter.save.saveservice.bytes=true "
        "-Jjmeter.save.saveservice.thread_counts=true"
    )


def test_an_element_that_lacks_attributes_says_which_and_what_saves_them(tmp_path: Path) -> None:
    sample = '<httpSample t="1" ts="1" lb="x" s="true" rc="200" rm="OK" tn="t" by="1"/>'
    text = f"<testResults>\n{sample}</testResults>"
    assert refusal_of(text, tmp_path) == (
        "2: <httpSample> lacks allThreads\n"
        "    run jmeter with -Jjmeter.save.saveservice.thread_counts=true"
    )


@pytest.mark.parametrize("text", ["1774000000000,12,GET /,200,OK\n", "", "\x00\x01\n", "[]\n"])
def test_a_file_without_a_header_says_what_writes_one(text: str, tmp_path: Path) -> None:
    said = refusal_of(text, tmp_path)
    assert said.startswith("1: no header, which begins with timeStamp, but ")
    assert said.endswith("run jmeter with -Jjmeter.save.saveservice.print_field_names=true")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("2026/03/20 10:00:00.000,1,x,200,OK,true,t,1,1", "timeStamp is '2026/03/20 10:00:00.000'"),
        ("1774000000000,-1,x,200,OK,true,t,1,1", "elapsed is '-1'"),
        ("1774000000000,1,x,200,OK,yes,t,1,1", "success is 'yes'"),
        ("1774000000000,1,x,200,OK,true,t,1.5,1", "bytes is '1.5'"),
        ("1774000000000,1,x,200,OK,true,t,1,١", "allThreads is '١'"),
        ("1774000000000,1,x", "fewer columns than the header has"),
        ("", "fewer columns than the header has"),
        ('1774000000000,1,"x', "not CSV: unexpected end of data"),
    ],
)
def test_a_line_that_is_no_sample_is_named(line: str, problem: str, tmp_path: Path) -> None:
    good = "1774000000000,1,x,200,OK,true,t,1,1"
    assert refusal_of(f"{HEADER}\n{good}\n{line}\n", tmp_path).startswith(f"3: {problem}\n    ")


def test_times_as_dates_say_what_writes_milliseconds(tmp_path: Path) -> None:
    said = refusal_of(f"{HEADER}\n2026/03/20,1,x,200,OK,true,t,1,1\n", tmp_path)
    assert said.endswith("run jmeter with -Jjmeter.save.saveservice.timestamp_format=ms")


@pytest.mark.parametrize(
    "text",
    [BILLION_LAUGHS, '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hostname"><x/>'],
    ids=["entities", "another file"],
)
def test_a_document_type_is_refused_before_it_is_read(text: str, tmp_path: Path) -> None:
    assert refusal_of(text, tmp_path).startswith("1: a document type, which is not read\n    ")


def test_xml_that_was_broken_off_says_how_to_close_it(tmp_path: Path) -> None:
    whole = write_xml(tmp_path / "whole.jtl", [Made(0, 1)]).read_text()
    assert refusal_of(whole.replace("</testResults>", ""), tmp_path) == (
        "7: not XML: no element found\n"
        "    close what is open, up to </testResults>, if the run was broken off here"
    )


def test_xml_of_something_else_is_refused(tmp_path: Path) -> None:
    said = refusal_of("<jmeterTestPlan/>", tmp_path)
    assert re.match(r"1: a <jmeterTestPlan>, not <testResults>\n    name a file", said)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.jtl: can't be read: No such file"):
        read_samples(tmp_path / "none.jtl")


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    (tmp_path / "results.jtl").write_text(
        f"{HEADER}\n1774000000000,12,GET /,503,OK,false,t,34,5\n", encoding="utf-8-sig"
    )
    (sample,) = read_samples(tmp_path / "results.jtl")
    assert (sample.line, sample.elapsed, sample.bytes, sample.threads) == (2, 12, 34, 5)
    assert not sample.succeeded
