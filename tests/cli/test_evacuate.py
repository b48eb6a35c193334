"""`evacuate` and `restore` as a person types them.

The local AWS has no health checkers, so that Route 53 agrees is not to be seen here.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.typed import type_in
from tests.standing import HOME, OTHER, Standing


def values(switches: Standing, region: str) -> list[float]:
    now = datetime.now(UTC)
    found = switches.account.client("cloudwatch", region).get_metric_statistics(
        Namespace="gtm-prod/evacuation",
        MetricName="Evacuated",
        Dimensions=[{"Name": "Region", "Value": region}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=3600,
        Statistics=["SampleCount"],
    )
    return [point["SampleCount"] for point in found["Datapoints"]]


def test_what_happens_to_users_is_said_before_anybody_is_asked(switches: Standing) -> None:
    before = values(switches, HOME)
    typed = type_in("evacuate", "--env", "prod", "--region", HOME, answer="n\n")
    assert typed.code == 3
    assert "leaves the DNS answers" in typed.out
    assert f"Its users go to: {OTHER}" in typed.out
    assert values(switches, HOME) == before


def test_without_a_wait_the_switch_is_set_and_no_more_is_claimed(switches: Standing) -> None:
    before = sum(values(switches, HOME))
    typed = type_in("evacuate", "--env", "prod", "--region", HOME, "--yes", "--timeout", "0")
    assert typed.code == 0, typed.err
    assert typed.out.rstrip().endswith(f"the switch of {HOME} is set; not waited for")
    assert sum(values(switches, HOME)) == before + 1


def test_a_wait_without_an_answer_is_a_failure(switches: Standing) -> None:
    typed = type_in("restore", "--env", "prod", "--region", OTHER, "--yes", "--timeout", "0.1")
    assert typed.code == 1
    assert "the switch was set, and after" in typed.err
    assert "status --env prod" in typed.err


@pytest.mark.usefixtures("switches")
def test_an_unknown_region_is_refused() -> None:
    typed = type_in("evacuate", "--env", "prod", "--region", "eu-west-1", "--yes")
    assert typed.code == 3
    assert "it has: ap-northeast-2, us-east-1" in typed.err
