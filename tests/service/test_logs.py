"""What is told: enough to find a fault, and nothing that opens anything."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from generator.sandbox.data_plane.valkey import Valkey
from generator.service import logs
from generator.service.logs import EVERY
from generator.service.metrics import UNITS, Metrics
from tests.sandbox.data_plane.standing import HOME, ORIGIN_SECRET, PASSWORD, SETTINGS
from tests.service.conftest import Launch
from tests.service.local import WITHIN

ERROR = {"name": "service", "levelno": logging.ERROR, "levelname": "ERROR", "msg": "request"}
TRACE = "Root=1-67891233-abcdef012345678912345678"


def requests_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those about requests."""
    return [line for line in lines if line.get("message") == "request"]


def test_one_of_a_hundred_is_told_and_nothing_that_opens_a_session(
    launch: Launch, valkey: Valkey
) -> None:
    service = launch(valkey.port, DRAIN_SECONDS="2")
    session = service.new_session(card="4111-1111")
    for _ in range(EVERY):
        answer = service.ask(
            "GET", f"/api/sessions/{session['id']}", headers={"X-Amzn-Trace-Id": TRACE}
        )
        assert answer.status == 200
    service.ask("PUT", f"/api/sessions/{session['id']}", b"a secret thing")
    service.ask("GET", "/api/time", secret="a wrong secret")
    service.instance.terminate()
    assert service.instance.wait(WITHIN)
    lines = service.log_lines()
    first, second = requests_of(lines)
    assert (first["handler"], first["method"], first["status"]) == ("create_session", "POST", 201)
    assert (second["handler"], second["trace"]) == ("read_session", TRACE)
    assert all(line["milliseconds"] > 0 for line in (first, second))
    for hidden in (session["id"], "4111", "kim", "secret thing", "wrong secret"):
        assert hidden not in service.log()
    assert not [secret for secret in (ORIGIN_SECRET, PASSWORD) if secret in service.log()]
    metrics = next(line for line in lines if "_aws" in line)
    assert (metrics["Requests"], metrics["Errors"]) == (EVERY + 3, 0)
    assert (metrics["Platform"], metrics["Region"]) == (SETTINGS.prefix, HOME)


def test_metrics_are_as_the_embedded_metric_format_wants_them() -> None:
    metrics = Metrics("gtm-dev/service", "gtm-dev", "eu-west-1")
    for tenth in range(1, 900_000, 97):
        metrics.request(200, tenth / 10_000)
    metrics.request(503, 1e-9)
    metrics.table_throttles += 2
    line = json.loads(metrics.line())
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "gtm-dev/service"
    assert directive["Dimensions"] == [["Platform", "Region"]]
    assert all(name in line for name in directive["Dimensions"][0])
    assert [each["Name"] for each in directive["Metrics"]] == list(UNITS)
    assert all(each["Name"] in line and each["Unit"] for each in directive["Metrics"])
    latency = line["Latency"]
    assert len(latency["Values"]) == len(latency["Counts"]) <= 100
    assert sum(latency["Counts"]) == latency["Count"] == line["Requests"]
    assert (latency["Min"], latency["Max"]) == (latency["Values"][0], latency["Values"][-1])
    assert (line["Errors"], line["TableThrottles"], line["CacheFallbacks"]) == (1, 2, 0)


def test_latencies_are_told_to_seven_percent() -> None:
    for milliseconds in (0.2, 1.0, 7.7, 123.4, 30_000.0):
        metrics = Metrics("n", "p", "r")
        metrics.request(200, milliseconds / 1000)
        [told] = json.loads(metrics.line())["Latency"]["Values"]
        assert told == pytest.approx(milliseconds, rel=0.08)


def test_a_minute_without_requests_tells_no_latency() -> None:
    """An empty list of values would make CloudWatch refuse the line."""
    metrics = Metrics("n", "p", "r")
    metrics.request(200, 0.1)
    metrics.line()
    line = json.loads(metrics.line())
    names = [each["Name"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
    assert (line["Requests"], "Latency" in line, "Latency" in names) == (0, False, False)


def test_an_exception_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:], logging.root.level
    try:
        logs.configure()
        raise ValueError("the body said: 4111")
    except ValueError:
        logs.log.exception("fault")
    finally:
        logging.root.handlers[:], logging.root.level = before
    told = json.loads(capsys.readouterr().out)
    assert told["exception"]["type"] == "ValueError"
    assert __file__ in told["exception"]["at"][0]
    assert "4111" not in json.dumps(told)


def test_of_errors_only_so_many_a_second_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Refusals of a service that is out come by the thousand, and disks are finite."""
    before = logging.root.handlers[:], logging.root.level
    most, failures = logs.MOST_ERRORS, 5_000
    moments = [*[1.0] * failures, 2.0, 2.5]
    try:
        logs.configure()
        for moment in moments:
            logs.log.handle(logging.makeLogRecord(ERROR | {"created": moment}))
        logs.log.info("stopped")
    finally:
        logging.root.handlers[:], logging.root.level = before
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == most + 3
    untold = [line.get("not_told") for line in lines]
    assert untold == [*[None] * most, failures - most, None, None]
