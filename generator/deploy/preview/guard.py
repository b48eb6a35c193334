"""What must not be replaced or deleted unasked.

Said twice: here, before anything is done, and in a stack policy, which CloudFormation itself holds
to even where somebody else updates the stack.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from generator.deploy.steps import Action, Change, Plan, SetStep, StackStep
from generator.deploy.world import NESTED

STATEFUL = {
    "AWS::Backup::BackupVault": "its recovery points",
    "AWS::DynamoDB::GlobalTable": "its items",
    "AWS::DynamoDB::Table": "its items",
    "AWS::ElastiCache::ReplicationGroup": "what is cached: sessions and rankings are read anew",
    "AWS::ElastiCache::ServerlessCache": "what is cached: sessions and rankings are read anew",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "its DNS name, and the Region's traffic meanwhile",
    "AWS::KMS::Key": "everything that is encrypted with it",
    "AWS::KMS::ReplicaKey": "everything in the Region that is encrypted with it",
    "AWS::RDS::DBCluster": "its rows",
    "AWS::RDS::DBInstance": "its connections; and its rows, where it is in no cluster",
    "AWS::RDS::GlobalCluster": "what ties the Regions' clusters: no copy follows the writer",
    "AWS::Route53::HostedZone": "the domain's delegation: its name servers change",
    "AWS::S3::Bucket": "its objects",
    "AWS::SecretsManager::Secret": "its value",
}
"""Types that hold state, and what is lost with one."""

UNSEEN = "whatever is in it: its template is not known here"
DESTRUCTIVE = (Action.REPLACE, Action.MAY_REPLACE, Action.REMOVE)


class Danger(NamedTuple):
    """A stateful resource, or a part of one, that a step would replace or delete."""

    step: str
    region: str
    """Where something is lost: a replica's own Region."""
    change: Change

    @property
    def loss(self) -> str:
        """What is lost with it."""
        return loss_of(self.change)


def dangers(plan: Plan) -> Iterator[Danger]:
    """Every stateful resource that the plan replaces or deletes."""
    for step in plan.steps:
        match step:
            case StackStep():
                yield from dangers_of(step.id, step.region, step.changes)
            case SetStep():
                for region, changes in step.changes.items():
                    yield from dangers_of(step.id, region, changes)


def dangers_of(step: str, region: str, changes: Iterable[Change]) -> Iterator[Danger]:
    """Those among the changes of one stack."""
    every = tuple(changes)
    for change in every:
        if change.action in DESTRUCTIVE and (change.type in STATEFUL or _is_unseen(change, every)):
            yield Danger(step, change.part.rpartition("/")[2] or region, change)


def _is_unseen(change: Change, every: tuple[Change, ...]) -> bool:
    """Whether it is a nested stack that goes, and what is in it was not shown."""
    inside = f"{change.path}/"
    return change.type == NESTED and not any(c.path.startswith(inside) for c in every)


def loss_of(change: Change) -> str:
    """What is lost where a stateful resource is replaced or deleted."""
    if change.type == NESTED:
        return UNSEEN
    lost = STATEFUL[change.type]
    return f"{lost} in that Region" if change.part else lost


def refusal(found: Iterable[Danger], allowed: Iterable[str]) -> str:
    """Why it is refused and how to ask for it; empty where all of it was asked for.

    A resource is allowed by its logical id, or by Region and logical id (`eu-west-1:Cache`).
    """
    asked = set(allowed)
    left = [d for d in found if not {d.change.logical_id, _qualified(d)} & asked]
    if not left:
        return ""
    lines = [
        f"{d.step}: {d.change.name} ({d.change.type}) would be {_done(d.change)}; lost: {d.loss}"
        for d in left
    ]
    options = " ".join(dict.fromkeys(map(permission, left)))
    return "\n".join([*lines, f"    if that is meant: {options}"])


def _qualified(danger: Danger) -> str:
    return f"{danger.region}:{danger.change.logical_id}"


def permission(danger: Danger) -> str:
    """What to type so that it is allowed, and nothing else."""
    return f"--allow-replace {_qualified(danger)}"


def _done(change: Change) -> str:
    return {Action.REPLACE: "replaced", Action.REMOVE: "deleted"}.get(
        change.action, "replaced, maybe"
    )


def stack_policy(allowed_types: Iterable[str] = ()) -> str:
    """The stack policy: everything may be updated; what holds state is not replaced or deleted,
    nor are nested stacks, with all that is in them.

    Resources of `allowed_types` may be, while one reviewed update runs.
    """
    denied = {*STATEFUL, NESTED} - set(allowed_types)
    statements = [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": "*",
            "Condition": {"StringEquals": {"ResourceType": sorted(denied)}},
        },
    ]
    return json.dumps({"Statement": statements})
