"""Nested stacks, and the stacks of stack sets."""

from __future__ import annotations

from generator.policies.services.row import READ_ONLY, Service, here

ROWS = (
    Service(
        "cloudformation",
        "CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents "
        "DescribeStackResource DescribeStackResources ListStackResources GetTemplate "
        "GetTemplateSummary GetStackPolicy SetStackPolicy CancelUpdateStack "
        "ContinueUpdateRollback RollbackStack UpdateTerminationProtection SignalResource "
        "TagResource UntagResource CreateChangeSet DescribeChangeSet ExecuteChangeSet "
        "DeleteChangeSet DetectStackDrift DetectStackResourceDrift "
        "DescribeStackResourceDrifts",
        (
            here("cloudformation", "stack/{prefix}-*/*"),
            here("cloudformation", "stack/StackSet-{prefix}-*/*"),
        ),
        anywhere="ListStacks ListExports ListImports ValidateTemplate "
        "DescribeStackDriftDetectionStatus",
        reason=READ_ONLY,
    ),
)
