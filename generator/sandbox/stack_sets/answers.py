"""Records as the members that the API answers; botocore's shapes say which (protocol.write)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generator.sandbox.stack_sets import drift
from generator.sandbox.stack_sets.faults import invalid
from generator.sandbox.stack_sets.protocol import Request, Result
from generator.sandbox.stack_sets.records import (
    DriftDetails,
    Instance,
    Operation,
    OperationResult,
    StackSet,
)

_CONCEALED = "****"
_PAGE = 100
_GATE = "arn:aws:lambda:{region}:{account}:function:AWSCloudFormationStackSetAccountGate"


def page(name: str, items: Sequence[Result], request: Request) -> Result:
    """One page of a list, and the token of the next. Raises Fault for a token of another list."""
    token = request.get("NextToken", f"{name}:0")
    kind, _, start = token.partition(":")
    if kind != name or not start.isdigit():
        raise invalid(f"Invalid NextToken {token}")
    end = int(start) + request.get("MaxResults", _PAGE)
    following = f"{name}:{end}" if end < len(items) else None
    return {"Summaries": items[int(start) : end], "NextToken": following}


def set_summary(stack_set: StackSet) -> Result:
    """StackSetSummary"""
    return {
        "StackSetName": stack_set.name,
        "StackSetId": stack_set.id,
        "Description": stack_set.description,
        "Status": stack_set.status,
        "AutoDeployment": stack_set.auto_deployment,
        "PermissionModel": stack_set.permissions,
        "DriftStatus": stack_set.drift.status,
        "LastDriftCheckTimestamp": stack_set.drift.checked,
        "ManagedExecution": {"Active": stack_set.managed_execution},
    }


def set_description(stack_set: StackSet, instances: Sequence[Instance]) -> Result:
    """StackSet"""
    definition = stack_set.definition
    return {
        "StackSetName": stack_set.name,
        "StackSetId": stack_set.id,
        "Description": stack_set.description,
        "Status": stack_set.status,
        "TemplateBody": definition.template,
        "Parameters": parameters(definition.parameters, definition.concealed),
        "Capabilities": definition.capabilities,
        "Tags": [{"Key": key, "Value": value} for key, value in definition.tags.items()],
        "StackSetARN": stack_set.arn,
        "AdministrationRoleARN": stack_set.administration_role,
        "ExecutionRoleName": stack_set.execution_role,
        "StackSetDriftDetectionDetails": drift_details(stack_set.drift),
        "AutoDeployment": stack_set.auto_deployment,
        "PermissionModel": stack_set.permissions,
        "OrganizationalUnitIds": list(stack_set.units),
        "ManagedExecution": {"Active": stack_set.managed_execution},
        "Regions": list(dict.fromkeys(each.region for each in instances)),
    }


def instance_summary(instance: Instance) -> Result:
    """StackInstanceSummary"""
    return {
        "StackSetId": instance.set_id,
        "Region": instance.region,
        "Account": instance.account,
        "StackId": instance.stack_id,
        "Status": instance.status,
        "StatusReason": instance.reason,
        "StackInstanceStatus": {"DetailedStatus": instance.detail},
        "OrganizationalUnitId": instance.unit,
        "DriftStatus": instance.drift,
        "LastDriftCheckTimestamp": instance.drift_checked,
        "LastOperationId": instance.last_operation,
    }


def instance_description(instance: Instance, concealed: Sequence[str]) -> Result:
    """StackInstance"""
    overrides = parameters(instance.overrides or {}, concealed)
    return {**instance_summary(instance), "ParameterOverrides": overrides}


def operation_summary(operation: Operation) -> Result:
    """StackSetOperationSummary"""
    failed = sum(result.status == "FAILED" for result in operation.results)
    return {
        "OperationId": operation.id,
        "Action": operation.action,
        "Status": operation.status,
        "CreationTimestamp": operation.created,
        "EndTimestamp": operation.ended,
        "StatusReason": operation.reason,
        "StatusDetails": {"FailedStackInstancesCount": failed},
        "OperationPreferences": operation.preferences,
    }


def operation_description(operation: Operation) -> Result:
    """StackSetOperation"""
    found = operation.drift
    if operation.action == "DETECT_DRIFT" and found is None:
        found = drift.details(operation)
    return {
        **operation_summary(operation),
        "StackSetId": operation.set_id,
        "RetainStacks": operation.retain_stacks,
        "AdministrationRoleARN": operation.administration_role,
        "ExecutionRoleName": operation.execution_role,
        "DeploymentTargets": operation.deployment_targets,
        "StackSetDriftDetectionDetails": found and drift_details(found),
    }


def result_summary(result: OperationResult) -> Result:
    """StackSetOperationResultSummary. An account gate function is never called, as on AWS
    where an account has none."""
    target = result.target
    function = _GATE.format(region=target.region, account=target.account)
    began = result.status in {"RUNNING", "SUCCEEDED", "FAILED"}
    gate = {"Status": "SKIPPED", "StatusReason": f"Function not found: {function}"}
    return {
        "Account": target.account,
        "Region": target.region,
        "Status": result.status,
        "StatusReason": result.reason,
        "AccountGateResult": gate if began else None,
        "OrganizationalUnitId": target.unit,
    }


def drift_details(found: DriftDetails) -> Result:
    """StackSetDriftDetectionDetails; the counts only once drift was looked for."""
    if not found.detection:
        return {"DriftStatus": found.status}
    return {
        "DriftStatus": found.status,
        "DriftDetectionStatus": found.detection,
        "LastDriftCheckTimestamp": found.checked,
        "TotalStackInstancesCount": found.total,
        "DriftedStackInstancesCount": found.drifted,
        "InSyncStackInstancesCount": found.in_sync,
        "InProgressStackInstancesCount": found.in_progress,
        "FailedStackInstancesCount": found.failed,
    }


def parameters(values: Mapping[str, str], concealed: Sequence[str]) -> list[dict[str, Any]]:
    """Parameters; the values of NoEcho ones are never answered."""
    return [
        {"ParameterKey": name, "ParameterValue": _CONCEALED if name in concealed else value}
        for name, value in values.items()
    ]
