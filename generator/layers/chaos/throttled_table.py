"""Reads of one table are throttled, in this Region only.

FIS has no action for it, so it starts an automation document of ours. The document lowers the
replica's maximum of on-demand reads, waits, and lifts the maximum again: the platform sets none,
so there is nothing else to give back. Cancelled or failed on the way, it goes to the same last
steps; for a cancelled one Systems Manager allows two minutes. A document that could not give back
fails, and with it the experiment.

    Lower      maximum of reads: one unit a second and the like
    Hold       as long as the experiment lasts
    Settle     a table that is still being changed takes no other change
    GiveBack   no maximum, or one that is as good as none

A table's own maximum is removed by -1. For a replica's override AWS documents no such value, and
-1 has been seen stored as it stands, so a replica is given the default quota of a table instead.

Reads and not writes: the maximum of writes is the same in all replicas of a global table, so that
a drill in one Region would throttle all of them. A replica's maximum of reads is its own. Tables
of provisioned capacity have no such maximum, and autoscaling would undo the drill: for them there
is no experiment.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_OnDemandThroughput.html
https://github.com/go-to-k/cdkd/issues/1434 (a replica's override and -1, tried in an account)
https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html#ssm-start-automation-execution
"""

from __future__ import annotations

from typing import Any

from troposphere import Ref
from troposphere.fis import ExperimentTemplateAction
from troposphere.ssm import Document

from generator import names
from generator.layers.chaos.experiments import LONGEST_MINUTES, Experiment, Fault, duration
from generator.layers.draft import Draft, Tunable, sub
from generator.policies import fault_injection as policies
from generator.settings.model import Settings

DOCUMENT = "throttle-table"
QUOTA = 40_000
"""Read units a second that an account's table has by default: as good as no maximum."""
NO_MAXIMUM = -1
SETTLE_SECONDS = 60
TRIES, TRY_SECONDS = 3, 15
"""Waiting and giving back fit into the two minutes of a cancelled document, hanging calls included.

A call of a document may take 25 seconds.
https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeAwsApi.html
"""
MARGIN_MINUTES = 10
"""What the document may take beside the fault itself, before FIS cancels it."""
REGION = "{{ global:REGION }}"


def experiment(draft: Draft) -> Experiment:
    """The document, and the experiment that starts it."""
    draft.add(
        Document(
            "ThrottleTable",
            Name=draft.name(DOCUMENT),
            DocumentType="Automation",
            DocumentFormat="JSON",
            UpdateMethod="NewVersion",
            Content=_content(draft.settings),
        )
    )
    return Experiment(
        "ThrottledTable",
        "throttled-table",
        "Reads of one table are throttled in this Region.",
        [_throttle(draft)],
    )


def _throttle(draft: Draft) -> Fault:
    """No target: FIS knows none for it. The document names the table, and the role allows ours."""
    tables = [sub(names.table_arn(draft.settings, purpose)) for purpose in names.TABLES]
    document = draft.name(DOCUMENT)
    arn = f"arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:document/{document}"
    action = ExperimentTemplateAction(
        ActionId="aws:ssm:start-automation-execution",
        Description="Lower the table's maximum of reads, and lift it again.",
        Parameters={
            "documentArn": sub(arn),
            "documentParameters": _parameters(draft),
            "maxDuration": f"PT{LONGEST_MINUTES + MARGIN_MINUTES}M",
        },
    )
    return Fault("ThrottleReads", action, policies.throttle(document, tables))


def _parameters(draft: Draft) -> Any:
    table = draft.tune(
        Tunable(
            "ChaosTable",
            "Table that is throttled",
            "Which of the tables the experiment throttles.",
            default=names.TABLES[0],
            choices=names.TABLES,
            cost="Free.",
        )
    )
    return sub(
        '{"Table": "' + names.table(draft.settings, "${Table}") + '", "Duration": "${Duration}", '
        '"Units": "${Units}"}',
        Table=table,
        Duration=duration(draft),
        Units=_units(draft),
    )


def _units(draft: Draft) -> Ref:
    return draft.tune(
        Tunable(
            "ChaosReadUnits",
            "Reads that a throttled table allows (units a second)",
            "Maximum of read request units during the experiment.",
            default=5,
            type="Number",
            minimum=1,
            maximum=QUOTA,
            cost="Free.",
        )
    )


# --- the document ---------------------------------------------------------------------------------


def _content(settings: Settings) -> dict[str, Any]:
    """An automation document without a role of its own: it has the rights of the experiment's."""
    return {
        "schemaVersion": "0.3",
        "description": f"{settings.prefix}: throttle the reads of a table for a while",
        "parameters": {
            "Table": {
                "type": "String",
                "description": "Name of the table.",
                "allowedValues": [names.table(settings, purpose) for purpose in names.TABLES],
            },
            "Duration": {"type": "String", "description": "How long (ISO 8601)."},
            "Units": {"type": "Integer", "description": "Read request units a second."},
        },
        "mainSteps": _steps(is_global=len(settings.regions) > 1),
    }


def _steps(*, is_global: bool) -> list[dict[str, Any]]:
    undo = {"onFailure": "step:Settle", "onCancel": "step:Settle"}
    onwards = {"onFailure": "step:GiveBack", "onCancel": "step:GiveBack"}
    patiently = {"maxAttempts": TRIES, "timeoutSeconds": TRY_SECONDS}
    unlimited = _limit(QUOTA if is_global else NO_MAXIMUM, is_global)
    return [
        _step("Lower", "executeAwsApi", _limit("{{ Units }}", is_global), **undo),
        _step("Hold", "sleep", {"Duration": "{{ Duration }}"}, **undo),
        _step(
            "Settle",
            "waitForAwsResourceProperty",
            _until_active(),
            **onwards,
            timeoutSeconds=SETTLE_SECONDS,
        ),
        _step("GiveBack", "executeAwsApi", unlimited, **patiently, isEnd=True),
    ]


def _step(name: str, action: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "action": f"aws:{action}", "inputs": inputs, **more}


def _limit(units: str | int, is_global: bool) -> dict[str, Any]:
    """The maximum of the Region's replica, or of the one table where there is one Region."""
    maximum = {"MaxReadRequestUnits": units}
    own = {"Update": {"RegionName": REGION, "OnDemandThroughputOverride": maximum}}
    change = {"ReplicaUpdates": [own]} if is_global else {"OnDemandThroughput": maximum}
    return {"Service": "dynamodb", "Api": "UpdateTable", "TableName": "{{ Table }}", **change}


def _until_active() -> dict[str, Any]:
    return {
        "Service": "dynamodb",
        "Api": "DescribeTable",
        "TableName": "{{ Table }}",
        "PropertySelector": "$.Table.TableStatus",
        "DesiredValues": ["ACTIVE"],
    }
