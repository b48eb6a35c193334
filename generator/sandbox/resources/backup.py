"""Backup selections, through the AWS Backup API."""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    plan = properties["BackupPlanId"]
    made = seams.client("backup").create_backup_selection(
        BackupPlanId=plan, BackupSelection=properties["BackupSelection"]
    )
    attributes = {"SelectionId": made["SelectionId"], "BackupPlanId": plan}
    return f"{plan}|{made['SelectionId']}", attributes | {"Id": f"{plan}_{made['SelectionId']}"}


def _delete(physical_id: str, properties: Properties) -> None:
    plan, selection = physical_id.split("|")
    seams.client("backup").delete_backup_selection(BackupPlanId=plan, SelectionId=selection)


RESOURCES = {
    "AWS::Backup::BackupSelection": Resource(
        _create, _delete, replacing=frozenset({"BackupPlanId", "BackupSelection"})
    ),
}
