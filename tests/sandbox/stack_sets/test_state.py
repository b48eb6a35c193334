"""Sets over a restart and a reset of the server: kept by the one, cleared by the other."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

from generator.sandbox.process import Sandbox, running
from tests.local_aws import Account
from tests.sandbox.stack_sets.sets import (
    NAME,
    NEEDY,
    PLAIN,
    REGIONS,
    display_names,
    ended,
    instance,
    operation,
    results,
    standing,
    states,
    succeeded,
    until,
)

NUMBER = "111122223333"
SLOW = "SANDBOX_INSTANCE_SECONDS"


def home(server: Sandbox) -> tuple[Account, Any]:
    account = Account(server, NUMBER)
    return account, account.client("cloudformation")


def test_sets_survive_a_restart_and_go_with_a_reset(tmp_path: Path) -> None:
    with running(state=tmp_path) as server:
        account, cfn = home(server)
        standing(cfn, account, Tags=[{"Key": "project", "Value": "platform"}])
        before = cfn.describe_stack_set(StackSetName=NAME)["StackSet"]
        where = instance(cfn, NUMBER, REGIONS[1])
        listed = cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]

    with running(state=tmp_path) as server:
        account, cfn = home(server)
        assert cfn.describe_stack_set(StackSetName=NAME)["StackSet"] == before
        assert instance(cfn, NUMBER, REGIONS[1]) == where
        assert cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"] == listed
        newer = PLAIN.replace("plain", "newer")
        succeeded(cfn, cfn.update_stack_set(StackSetName=NAME, TemplateBody=newer))
        assert display_names(account, REGIONS[1]) == ["newer"]

        request = urllib.request.Request(f"{server.endpoint}/_ministack/reset", method="POST")
        urllib.request.urlopen(request).close()
        assert cfn.list_stack_sets()["Summaries"] == []
        standing(cfn, account)


def test_an_operation_that_a_restart_interrupts_has_failed(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv(SLOW, "30")
    with running(state=tmp_path) as server:
        _, cfn = home(server)
        cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
        where = {"StackSetName": NAME, "Accounts": [NUMBER], "Regions": REGIONS}
        begun = cfn.create_stack_instances(**where)
        until(lambda: [each for _, each in states(cfn).values()] == ["PENDING"] * 3)
        assert operation(cfn, begun["OperationId"])["Status"] == "RUNNING"

    monkeypatch.delenv(SLOW)
    with running(state=tmp_path) as server:
        _, cfn = home(server)
        assert ended(cfn, begun)["Status"] == "FAILED"
        found = results(cfn, begun["OperationId"]).values()
        assert {each["Status"] for each in found} == {"CANCELLED"}
        assert set(states(cfn).values()) == {("OUTDATED", "CANCELLED")}
        succeeded(cfn, cfn.create_stack_instances(**where))


def test_a_reset_ends_what_runs(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv(SLOW, "0.2")
    with running() as server:
        _, cfn = home(server)
        cfn.create_stack_set(StackSetName=NAME, TemplateBody=NEEDY)
        where = {"StackSetName": NAME, "Accounts": [NUMBER], "Regions": REGIONS}
        cfn.create_stack_instances(**where)
        request = urllib.request.Request(f"{server.endpoint}/_ministack/reset", method="POST")
        urllib.request.urlopen(request).close()
        cfn.create_stack_set(StackSetName=NAME, TemplateBody=PLAIN)
        succeeded(cfn, cfn.create_stack_instances(**where))
        assert len(cfn.list_stack_set_operations(StackSetName=NAME)["Summaries"]) == 1
        assert set(states(cfn).values()) == {("CURRENT", "SUCCEEDED")}
