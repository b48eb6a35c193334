"""The administrator's password: who keeps it, and what renews it.

Applications never use it; they connect with IAM. RDS does not manage the password of a global
database, so a function of ours rotates it, all of it in the home Region. The secret is not
replicated: whoever may change the cluster can set another password in any Region at any time,
and a replica would need a key in a Region whose stack stands later than this one.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html (Limitations)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from troposphere import GetAtt, Ref
from troposphere.awslambda import Code, Environment, Function, LoggingConfig, Permission
from troposphere.logs import LogGroup
from troposphere.rds import DBInstance
from troposphere.secretsmanager import (
    GenerateSecretString,
    RotationRules,
    RotationSchedule,
    Secret,
)

from generator import names
from generator.layers import security
from generator.layers.aurora.clusters import ADMINISTRATOR, IS_HOME
from generator.layers.draft import Draft, Expression
from generator.policies import aurora as policies
from generator.policies.custom_resources import own_logs
from generator.policies.statements import role
from generator.policies.trust import LAMBDA, plain_trust

SOURCE = Path(__file__).parents[2] / "functions" / "rotate_aurora_password.py"
RUNTIME = "python3.13"
TIMEOUT_SECONDS = 300
"""Longer than the function waits for RDS, which is four minutes."""
PASSWORD_LENGTH = 64

EXCUSES = {
    "CKV_AWS_115": "Reserving concurrency takes it from the account, whose limit may be 10; "
    "Secrets Manager calls the function four times a rotation.",
    "CKV_AWS_116": "Secrets Manager retries and tells of a rotation that fails; nothing is queued.",
    "CKV_AWS_117": "The function calls AWS APIs only, and reaches no database.",
    "CKV_AWS_173": "The one variable is the name of the global database.",
}


def administrator(draft: Draft, key: Expression) -> Secret:
    """The secret. Letters and digits: RDS refuses some punctuation, and 64 of them are plenty."""
    secret = draft.add(
        Secret(
            "AdministratorSecret",
            Condition=IS_HOME,
            Name=names.aurora_secret(draft.settings),
            Description="User and password of Aurora's administrator.",
            KmsKeyId=key,
            GenerateSecretString=GenerateSecretString(
                SecretStringTemplate=f'{{"username": "{ADMINISTRATOR}"}}',
                GenerateStringKey="password",
                PasswordLength=PASSWORD_LENGTH,
                ExcludePunctuation=True,
            ),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    reason = "Whoever restores a snapshot sets a password anew; kept, it would hold the name."
    draft.excuse(secret, "E9001", reason)
    return secret


def rotate(draft: Draft, secret: Secret, key: Expression, after: Sequence[DBInstance]) -> None:
    """Renew it on schedule, for the first time when the schedule says so.

    At creation Secrets Manager only tries the function's testSecret, which wants a cluster.
    """
    assert draft.settings.aurora is not None
    function = _function(draft, secret, key)
    permission = draft.add(
        Permission(
            "RotationPermission",
            Condition=IS_HOME,
            FunctionName=Ref(function),
            Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=Ref("AWS::AccountId"),
            SourceArn=Ref(secret),
        )
    )
    draft.add(
        RotationSchedule(
            "RotationSchedule",
            Condition=IS_HOME,
            SecretId=Ref(secret),
            RotationLambdaARN=GetAtt(function, "Arn"),
            RotationRules=RotationRules(
                AutomaticallyAfterDays=draft.settings.aurora.password_rotation_days
            ),
            RotateImmediatelyOnUpdate=False,
            DependsOn=[permission.title, *(instance.title for instance in after)],
        )
    )


def _function(draft: Draft, secret: Secret, key: Expression) -> Function:
    database = names.aurora(draft.settings)
    logs = draft.add(
        LogGroup(
            "RotationLogs",
            Condition=IS_HOME,
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
            RetentionInDays=draft.settings.log_retention_days,
        )
    )
    grants = [own_logs(logs), *policies.rotate(Ref(secret), key, database)]
    holder = draft.add(role("RotationRole", plain_trust(LAMBDA), grants))
    holder.Condition = IS_HOME
    function = draft.add(
        Function(
            "RotationFunction",
            Condition=IS_HOME,
            Description=f"Rotates the password of Aurora's administrator: {draft.settings.prefix}",
            Runtime=RUNTIME,
            Handler="index.handler",
            Code=Code(ZipFile=SOURCE.read_text(encoding="utf-8")),
            Role=GetAtt(holder, "Arn"),
            Environment=Environment(Variables={"GLOBAL_CLUSTER": database}),
            Timeout=TIMEOUT_SECONDS,
            MemorySize=128,
            LoggingConfig=LoggingConfig(LogGroup=Ref(logs)),
        )
    )
    for check, reason in EXCUSES.items():
        draft.excuse(function, check, reason)
    return function
