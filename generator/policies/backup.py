"""The role of AWS Backup: it may back up these tables into this vault, and nothing else.

Cut from the AWS managed policy AWSBackupServiceRolePolicyForBackup:
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
Restoring is not in it: whoever restores brings a role of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import backup, dynamodb, kms
from awacs.aws import Bool, Condition, StringEquals
from troposphere import Join, Sub
from troposphere.iam import Role

from generator.policies.services.row import here
from generator.policies.statements import Grant, Resource, allow, role
from generator.policies.trust import BACKUP, plain_trust

THROUGH_DYNAMODB = Sub("dynamodb.${AWS::Region}.${AWS::URLSuffix}")


def backup_role(
    title: str, name: Resource, tables: Sequence[Resource], vault: Resource, key: Resource
) -> Role:
    """The role. It has a name, because IAM is global and each Region has one of its own."""
    grants = [*_reading(tables), *_storing(vault), *_encrypting(key)]
    made = role(title, plain_trust(BACKUP), grants)
    made.RoleName = name
    return made


def _reading(tables: Sequence[Resource]) -> list[Grant]:
    backups = [Join("", [table, "/backup/*"]) for table in tables]
    on_tables = [
        dynamodb.DescribeTable,
        dynamodb.CreateBackup,
        dynamodb.StartAwsBackupJob,
        dynamodb.ListTagsOfResource,
    ]
    return [
        allow("BackUpTables", on_tables, tables),
        allow("ExpireBackups", [dynamodb.DescribeBackup, dynamodb.DeleteBackup], backups),
    ]


def _storing(vault: Resource) -> list[Grant]:
    """A backup inherits its table's tags, in the name of this role; its own id is AWS's choice.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/troubleshooting.html
    """
    actions = [backup.DescribeBackupVault, backup.CopyIntoBackupVault]
    return [
        allow("UseVault", actions, [vault]),
        allow("TagBackups", [backup.TagResource], [Sub(here("backup", "recovery-point:*"))]),
    ]


def _encrypting(key: Resource) -> list[Grant]:
    through = Condition(StringEquals({"kms:ViaService": THROUGH_DYNAMODB}))
    for_services = Condition(Bool({"kms:GrantIsForAWSResource": "true"}))
    return [
        allow("ReadTables", [kms.Decrypt, kms.GenerateDataKey], [key], through),
        allow("LookAtKey", [kms.DescribeKey], [key]),
        allow("LendKeyToServices", [kms.CreateGrant], [key], for_services),
    ]
