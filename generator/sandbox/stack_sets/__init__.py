"""The StackSet API of CloudFormation, which ministack lacks.

    definitions, instances, operations, drifts   the actions, by what they act on
    protocol      requests and answers, read off botocore's model; unknown parameters are refused
    answers       records as what the API answers
    records       what is kept; store keeps it, by administrator account and Region
    templates     the template, parameters and capabilities of a request, checked
    targets       which accounts and Regions a request means; organization asks for a unit's
    preferences   order, concurrency and failure tolerance
    auto_deployment   service-managed sets follow the accounts of their units
    engine        the operation machine; work does one instance, stacks its stack, drift its drift

SANDBOX_INSTANCE_SECONDS in the server's environment makes each instance take so many seconds
longer, so that the states on the way can be seen.

Instances' stacks are real stacks of the emulator, in the instance's account and Region. What it
leaves out it refuses: import of stacks, AccountsUrl. Roles are names
that it keeps and answers: nothing here assumes them, as nothing in the emulator enforces IAM.
"""

from __future__ import annotations

from collections.abc import Callable

from generator.sandbox import delegation, organization_seams
from generator.sandbox.seams import Handler
from generator.sandbox.stack_sets import (
    auto_deployment,
    definitions,
    drifts,
    engine,
    instances,
    operations,
    targets,
    templates,
)
from generator.sandbox.stack_sets.faults import invalid
from generator.sandbox.stack_sets.protocol import Request, Result, answering

_HANDLERS: dict[str, Callable[[Request], Result]] = {
    "CreateStackSet": definitions.create,
    "UpdateStackSet": definitions.update,
    "DeleteStackSet": definitions.delete,
    "DescribeStackSet": definitions.describe,
    "ListStackSets": definitions.list_all,
    "CreateStackInstances": instances.create,
    "UpdateStackInstances": instances.update,
    "DeleteStackInstances": instances.delete,
    "DescribeStackInstance": instances.describe,
    "ListStackInstances": instances.list_all,
    "DescribeStackSetOperation": operations.describe,
    "ListStackSetOperations": operations.list_all,
    "ListStackSetOperationResults": operations.list_results,
    "StopStackSetOperation": operations.stop,
    "DetectStackSetDrift": drifts.detect,
    "ListStackInstanceResourceDrifts": drifts.list_resource_drifts,
    "ListStackSetAutoDeploymentTargets": auto_deployment.list_targets,
}


def _checked(handle: Callable[[Request], Result]) -> Callable[[Request], Result]:
    """Whatever is asked, an operation that a restart interrupted is not answered as running."""

    def answer(request: Request) -> Result:
        targets.check(request)
        asked = templates.fetched(request)
        with delegation.acting(request.get("CallAs", "SELF"), invalid):
            engine.settle()
            return handle(asked)

    return answer


ACTIONS: dict[str, Handler] = {
    name: answering(name, _checked(handle)) for name, handle in _HANDLERS.items()
}
organization_seams.after_changes(auto_deployment.notice)
delegation.install()
