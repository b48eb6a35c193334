"""Where the steps of an ARC plan stand in a template."""

from collections.abc import Iterator

from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, find, resources


def plans(cfn: Template) -> Iterator[Spot]:
    """The properties of each plan."""
    return resources(cfn, "AWS::ARCRegionSwitch::Plan")


def workflows(cfn: Template, plan: Spot) -> Iterator[Spot]:
    """The workflows of a plan."""
    return find(cfn, plan, "Workflows", EACH)


def configurations(cfn: Template, plan: Spot, name: str) -> Iterator[Spot]:
    """The configurations of one kind of step, in any workflow of a plan."""
    for workflow in workflows(cfn, plan):
        for step in find(cfn, workflow, "Steps", EACH):
            for found in find(cfn, step, "ExecutionBlockConfiguration", name):
                if found.value is not None:
                    yield found
