"""What a change costs: data that is lost, or service that is interrupted.

A property whose update CloudFormation's reference lists as "Some interruptions" is one of the
schema's `conditionalCreateOnlyProperties`; other updates in place interrupt nothing.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from __future__ import annotations

from generator.deploy.preview.differences import GROUP
from generator.deploy.preview.guard import STATEFUL
from generator.deploy.preview.recreation import recreation_of
from generator.deploy.steps import Action, Change

OTHER_LOSSES = {
    "AWS::Logs::LogGroup": "its log events",
    "AWS::SNS::Subscription": "its confirmation: an address has to confirm anew",
    "AWS::SNS::Topic": "its subscriptions: addresses have to confirm anew",
}
"""Types that keep something which can be had again, or done without."""

INTERRUPTIONS = {
    "AWS::AutoScaling::AutoScalingGroup": "all its instances; a new group starts at its minimum",
    "AWS::CertificateManager::Certificate": "TLS where it is used, until one is validated anew",
    "AWS::CloudFront::Distribution": "every user of its domain name",
    "AWS::EC2::EIP": "whoever knows its public address",
    "AWS::EC2::NatGateway": "connections through it; its public address may change",
    "AWS::EC2::VPC": "everything that is in it",
    "AWS::ElasticLoadBalancingV2::Listener": "requests to its port",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "requests, until its targets are healthy again",
    "AWS::RDS::DBCluster": "every connection to it, until a snapshot is restored",
    "AWS::Route53::RecordSet": "who resolves its name",
    "AWS::Route53::RecordSetGroup": "who resolves its names",
}
"""What is interrupted where one of these goes."""


def cost_of(change: Change, loss: str = "") -> str:
    """What it costs that a resource is replaced, deleted or left behind, in words.

    `loss` is what the guard says of it, where it refuses it.
    """
    if change.action is Action.LEAVE:
        return "it stays, and goes on costing, until it is deleted by hand"
    parts = [_lost(change, loss), _interrupted(change), _order(change), _kept(change)]
    return "; ".join(part for part in parts if part)


def interruption_of(change: Change) -> str:
    """What an update in place interrupts; empty where it interrupts nothing."""
    conditional = {path[0] for path in recreation_of(change.type).sometimes}
    if change.action is not Action.MODIFY or not conditional & set(change.properties):
        return ""
    if change.type == GROUP:
        return "its instances are replaced, some at a time, as its UpdatePolicy says"
    return "some interruption"


def _lost(change: Change, loss: str) -> str:
    lost = loss or OTHER_LOSSES.get(change.type)
    return f"lost: {lost}" if lost else ""


def _interrupted(change: Change) -> str:
    interrupted = INTERRUPTIONS.get(change.type)
    return f"interrupted: {interrupted}" if interrupted else ""


def _order(change: Change) -> str:
    if change.action is Action.REMOVE or change.type in STATEFUL:
        return ""
    if recreation_of(change.type).old_first:
        return "the old one is deleted before the new one is made"
    return "the new one is made before the old one is deleted"


def _kept(change: Change) -> str:
    if change.policy == "Snapshot":
        return "a last snapshot is kept"
    if change.policy.startswith("Retain") and change.action is not Action.REMOVE:
        return "the old one is kept, but a new and empty one takes its place"
    return ""
