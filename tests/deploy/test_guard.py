"""Nothing that holds state is replaced or deleted unless it was named."""

from __future__ import annotations

import json

import pytest

from generator.deploy.preview.guard import STATEFUL, Danger, dangers_of, refusal, stack_policy
from generator.deploy.preview.risk import cost_of, interruption_of
from generator.deploy.steps import Action, Change

TABLE, CACHE = "AWS::DynamoDB::GlobalTable", "AWS::ElastiCache::ReplicationGroup"
NESTED, GROUP = "AWS::CloudFormation::Stack", "AWS::AutoScaling::AutoScalingGroup"
DROPPED = Change("Sessions", TABLE, Action.REMOVE, ("Replicas",), part="Replicas/us-east-1")


def found(*changes: Change) -> list[Danger]:
    return list(dangers_of("step", "eu-west-1", changes))


@pytest.mark.parametrize("kind", STATEFUL)
@pytest.mark.parametrize("action", [Action.REPLACE, Action.MAY_REPLACE, Action.REMOVE])
def test_what_holds_state_is_refused(kind: str, action: Action) -> None:
    words = refusal(found(Change("Nested/It", kind, action)), ())
    assert "Nested/It" in words
    assert STATEFUL[kind] in words
    assert "--allow-replace eu-west-1:It" in words


@pytest.mark.parametrize("action", [Action.ADD, Action.MODIFY, Action.LEAVE])
def test_what_adds_changes_or_keeps_is_not(action: Action) -> None:
    assert not found(Change("It", TABLE, action))


def test_what_holds_nothing_is_not() -> None:
    assert not found(Change("It", "AWS::EC2::Route", Action.REPLACE))


@pytest.mark.parametrize("words", ["Cache", "eu-west-1:Cache"])
def test_what_was_named_is_allowed(words: str) -> None:
    cache = found(Change("Cache/Cache", CACHE, Action.REPLACE))
    assert refusal(cache, [words]) == ""
    assert refusal(cache, ["us-east-1:Cache", "Other"]) != ""


def test_a_replica_is_lost_where_it_is() -> None:
    (danger,) = found(DROPPED)
    assert danger.region == "us-east-1"
    words = refusal([danger], ())
    assert "Sessions/Replicas/us-east-1" in words
    assert "its items in that Region" in words


@pytest.mark.parametrize("words", ["Sessions", "us-east-1:Sessions"])
def test_a_replica_is_allowed_by_its_tables_name(words: str) -> None:
    assert refusal(found(DROPPED), [words]) == ""


def test_a_nested_stack_that_goes_unseen_may_hold_anything() -> None:
    gone = Change("Cache", NESTED, Action.REMOVE)
    assert "its template is not known here" in refusal(found(gone), ())
    inside = Change("Cache/Rule", "AWS::EC2::Route", Action.REMOVE)
    assert not found(gone, inside)


def test_the_stack_policy_denies_the_same_to_everybody() -> None:
    allow, deny = json.loads(stack_policy())["Statement"]
    assert (allow["Effect"], allow["Action"]) == ("Allow", "Update:*")
    assert deny["Action"] == ["Update:Replace", "Update:Delete"]
    denied = {*STATEFUL, "AWS::CloudFormation::Stack"}
    assert deny["Condition"]["StringEquals"]["ResourceType"] == sorted(denied)
    assert deny["Resource"] == "*"


def test_the_stack_policy_lets_only_the_types_through_that_were_agreed_to() -> None:
    """By type: a policy may not name a logical id that the template before or after lacks."""
    _, deny = json.loads(stack_policy([TABLE, CACHE]))["Statement"]
    assert not {TABLE, CACHE} & set(deny["Condition"]["StringEquals"]["ResourceType"])
    assert deny["Resource"] == "*"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change("It", TABLE, Action.REMOVE), "lost: its items"),
        (
            Change("It", TABLE, Action.REPLACE, policy="Retain"),
            "lost: its items; the old one is kept, but a new and empty one takes its place",
        ),
        (Change("It", CACHE, Action.REMOVE, policy="Snapshot"), "a last snapshot is kept"),
        (Change("It", GROUP, Action.REMOVE), "interrupted: all its instances"),
        (
            Change("It", "AWS::EC2::SubnetRouteTableAssociation", Action.REPLACE),
            "the old one is deleted before the new one is made",
        ),
        (
            Change("It", "AWS::EC2::Subnet", Action.REPLACE),
            "the new one is made before the old one is deleted",
        ),
        (Change("It", "AWS::Logs::LogGroup", Action.REMOVE), "lost: its log events"),
        (DROPPED, "lost: its items in that Region"),
        (Change("It", NESTED, Action.REMOVE), "lost: whatever is in it"),
        (Change("It", TABLE, Action.LEAVE), "until it is deleted by hand"),
    ],
)
def test_the_cost_is_said_in_words(change: Change, words: str) -> None:
    (loss,) = {danger.loss for danger in found(change)} or {""}
    assert words in cost_of(change, loss)


def test_only_documented_interruptions_are_claimed() -> None:
    """The schema's conditional properties are the reference's "Some interruptions"."""
    rolling = Change("It", GROUP, Action.MODIFY, ("MixedInstancesPolicy",))
    assert "instances are replaced" in interruption_of(rolling)
    assert interruption_of(Change("It", GROUP, Action.MODIFY, ("MaxSize",))) == ""
    assert interruption_of(Change("It", CACHE, Action.MODIFY, ("CacheNodeType",))) == ""
