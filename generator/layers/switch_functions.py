"""Functions that a plan of ARC Region switch calls: they set the evacuation switch.

    restore               brings the Region back that it runs in
    evacuate-<region>     takes another Region out of DNS, from the Region that it runs in

They stand in every Region, for a plan calls them in the Region that takes users: not in the one
that is left, whose Lambda may be what is down. What Region switch tells a function is not
documented, so each function does one thing and is told nothing.
https://docs.aws.amazon.com/r53recovery/latest/dg/custom-action-lambda-block.html
"""

from __future__ import annotations

from pathlib import Path

from troposphere import GetAtt, Ref
from troposphere.awslambda import Code, Environment, Function, LoggingConfig
from troposphere.iam import Role
from troposphere.logs import LogGroup

from generator import names
from generator.layers import monitoring, security
from generator.layers.draft import Draft, Layer, Scope
from generator.layers.security.custom_resources import RUNTIME
from generator.policies import region_switch as policies
from generator.policies.statements import role
from generator.policies.trust import LAMBDA, plain_trust

SOURCE = Path(__file__).parents[1] / "functions" / "set_switch.py"
TIMEOUT_SECONDS = 300
"""Above what the function itself waits for, so that it says why it gave up."""

EXCUSES = {
    "CKV_AWS_115": "Reserving concurrency takes it from the account, whose limit may be 10; a plan "
    "calls the function once a step.",
    "CKV_AWS_116": "The plan waits for the answer and retries by itself: a failure is shown in its "
    "execution, not in a dead-letter queue.",
    "CKV_AWS_117": "The function calls AWS APIs only; in the VPC it would depend on the NAT "
    "gateway of a Region in trouble.",
    "CKV_AWS_173": "The variables are names, and no secret.",
}


def fill(draft: Draft) -> None:
    """One way back, and a way out for each Region, the same in all of them."""
    log = _log_group(draft)
    runner = _role(draft, log)
    _function(draft, "Restore", "restore", {}, runner, log)
    for region in draft.settings.region_names:
        title = "Evacuate" + "".join(part.capitalize() for part in region.split("-"))
        _function(draft, title, f"evacuate-{region}", {"EVACUATED_REGION": region}, runner, log)


def _log_group(draft: Draft) -> LogGroup:
    return draft.add(
        LogGroup(
            "SwitchLogs",
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
            RetentionInDays=draft.settings.log_retention_days,
        )
    )


def _role(draft: Draft, log: LogGroup) -> Role:
    grants = policies.switching(draft.settings, log)
    if draft.settings.aurora:
        grants.append(policies.find_writer(names.aurora(draft.settings)))
    return draft.add(role("SwitchRole", plain_trust(LAMBDA), grants))


def _function(
    draft: Draft, title: str, purpose: str, own: dict[str, str], runner: Role, log: LogGroup
) -> None:
    function = draft.add(
        Function(
            f"{title}Function",
            FunctionName=names.switch_function(draft.settings, purpose),
            Description=f"Step of Region switch plans of {draft.settings.prefix}: {purpose}",
            Runtime=RUNTIME,
            Handler="index.handler",
            Code=Code(ZipFile=SOURCE.read_text(encoding="utf-8")),
            Role=GetAtt(runner, "Arn"),
            Timeout=TIMEOUT_SECONDS,
            MemorySize=128,
            Environment=Environment(Variables={**_switch(draft), **own}),
            LoggingConfig=LoggingConfig(LogGroup=Ref(log)),
        )
    )
    for check, reason in EXCUSES.items():
        draft.excuse(function, check, reason)


def _switch(draft: Draft) -> dict[str, object]:
    settings = draft.settings
    return {
        "SWITCH_NAMESPACE": names.switch_namespace(settings),
        "SWITCH_METRIC": names.SWITCH_METRIC,
        "SWITCH_ALARM": names.switch_alarm(settings),
        "IMPAIRED_ALARM_ARN": draft.need(monitoring.IMPAIRED_ALARM_ARN),
        **({"GLOBAL_DATABASE": names.aurora(settings)} if settings.aurora else {}),
    }


LAYER = Layer(
    name="switch_functions",
    step="",
    purpose="Functions of Region switch plans: they set the evacuation switch",
    scope=Scope.REGIONAL,
    fill=fill,
    wanted=lambda settings: settings.region_switch is not None,
)
