"""What all experiments have in common: what stops them, whose rights they have, where they log.

A stop condition names a CloudWatch alarm; AWS does not say whether a composite one will do, so each
alarm that ServiceImpaired is made of is a condition of its own, which means the same: the first
that rings stops the experiment, and FIS undoes what it did. A template may have five, and there are
five.
https://docs.aws.amazon.com/fis/latest/userguide/stop-conditions.html

What finds no target is skipped, as in AWS's own scenarios: a group without instances in a zone must
not keep the rest of the zone from failing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from troposphere import AWSProperty, GetAtt, If, NoValue, Select, Sub
from troposphere.fis import (
    CloudWatchLogsConfiguration,
    ExperimentTemplate,
    ExperimentTemplateAction,
    ExperimentTemplateExperimentOptions,
    ExperimentTemplateLogConfiguration,
    ExperimentTemplateStopCondition,
    ExperimentTemplateTarget,
    ExperimentTemplateTargetFilter,
)
from troposphere.logs import LogGroup

from generator.layers import monitoring, security
from generator.layers.draft import Draft, Expression, Tunable, sub
from generator.policies import fault_injection
from generator.policies.statements import Grant, role

LOG_SCHEMA_VERSION = 2
LONGEST_MINUTES = 60


class Fault(NamedTuple):
    """One thing that is done, to what, and with which rights. `name` is the action's.

    With a `condition` of the template it is done only where that holds.
    """

    name: str
    action: ExperimentTemplateAction
    grants: Sequence[Grant]
    targets: Mapping[str, ExperimentTemplateTarget] = MappingProxyType({})
    condition: str = ""


class Experiment(NamedTuple):
    """Faults that happen together. `name` is looked for in the console, after the prefix."""

    title: str
    name: str
    description: str
    faults: Sequence[Fault]


def add(draft: Draft, experiment: Experiment, log: LogGroup) -> ExperimentTemplate:
    """The template of an experiment, and its role."""
    faults = experiment.faults
    grants = [*(grant for fault in faults for grant in fault.grants), *fault_injection.logging()]
    runner = draft.add(role(f"{experiment.title}Role", fault_injection.trust(), grants))
    return draft.add(
        ExperimentTemplate(
            experiment.title,
            Description=experiment.description,
            RoleArn=GetAtt(runner, "Arn"),
            StopConditions=_stop_conditions(draft),
            Targets={
                name: _where(fault, each)
                for fault in faults
                for name, each in fault.targets.items()
            },
            Actions={fault.name: _where(fault, fault.action) for fault in faults},
            ExperimentOptions=ExperimentTemplateExperimentOptions(
                AccountTargeting="single-account", EmptyTargetResolutionMode="skip"
            ),
            LogConfiguration=_logging(log),
            Tags={"Name": draft.name(experiment.name)},
        )
    )


def _where(fault: Fault, part: AWSProperty) -> AWSProperty | If:
    return If(fault.condition, part, NoValue) if fault.condition else part


def _logging(log: LogGroup) -> ExperimentTemplateLogConfiguration:
    return ExperimentTemplateLogConfiguration(
        LogSchemaVersion=LOG_SCHEMA_VERSION,
        CloudWatchLogsConfiguration=CloudWatchLogsConfiguration(LogGroupArn=GetAtt(log, "Arn")),
    )


def add_log_group(draft: Draft) -> LogGroup:
    """Which targets were found, and what was done to them: one group for all experiments."""
    return draft.add(
        LogGroup(
            "ExperimentLogs",
            KmsKeyId=draft.need(security.LOGS_KEY_ARN),
            RetentionInDays=draft.settings.log_retention_days,
        )
    )


def _stop_conditions(draft: Draft) -> list[ExperimentTemplateStopCondition]:
    return [
        ExperimentTemplateStopCondition(Source="aws:cloudwatch:alarm", Value=draft.need(alarm))
        for alarm in monitoring.symptom_alarms(draft.settings)
    ]


def duration(draft: Draft) -> Sub:
    """How long a fault lasts, as ISO 8601 has it."""
    chaos = draft.settings.chaos
    assert chaos is not None
    minutes = draft.tune(
        Tunable(
            "ChaosMinutes",
            "Length of an experiment (minutes)",
            "Minutes that a fault lasts, unless an alarm or a person ends it before.",
            default=chaos.minutes,
            type="Number",
            minimum=1,
            maximum=LONGEST_MINUTES,
            cost="Per minute and action while an experiment runs; nothing in between.",
        )
    )
    return sub("PT${Minutes}M", Minutes=minutes)


def subnet_arns(subnets: Expression, places: Sequence[Expression | int]) -> list[Sub]:
    """The ARNs of some of a list of subnets, by their places in it."""
    arn = "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:subnet/${Subnet}"
    return [sub(arn, Subnet=Select(place, subnets)) for place in places]


def exactly(kind: str, *arns: Expression, **parameters: Expression) -> ExperimentTemplateTarget:
    """All of some resources, by ARN: nothing of anybody else's can be among them."""
    more = {"Parameters": parameters} if parameters else {}
    return ExperimentTemplateTarget(
        ResourceType=kind, ResourceArns=list(arns), SelectionMode="ALL", **more
    )


def stop_instances(draft: Draft, selection: Expression, **filters: Expression) -> Fault:
    """Stop running instances of the group, and start again what was not replaced by then."""
    wanted = {"State.Name": "running", **filters}
    own = {security.PLATFORM_TAG: draft.settings.prefix}
    target = ExperimentTemplateTarget(
        ResourceType="aws:ec2:instance",
        ResourceTags={**own, "Name": draft.name("service")},
        Filters=[
            ExperimentTemplateTargetFilter(Path=path, Values=[value])
            for path, value in wanted.items()
        ],
        SelectionMode=selection,
    )
    action = ExperimentTemplateAction(
        ActionId="aws:ec2:stop-instances",
        Description="Stop instances; start again what Auto Scaling has not replaced.",
        Parameters={
            "startInstancesAfterDuration": duration(draft),
            "completeIfInstancesTerminated": "true",
        },
        Targets={"Instances": "Instances"},
    )
    grants = fault_injection.stop_instances(*own.items())
    return Fault("StopInstances", action, grants, {"Instances": target})
