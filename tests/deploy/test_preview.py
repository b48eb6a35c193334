"""What an operation does to a stack's resources, worked out from templates and parameters."""

from __future__ import annotations

from typing import Any

import pytest

from generator.deploy.preview import additions_of, changes_between, removals_of, with_parts
from generator.deploy.steps import Action, Change

Body = dict[str, Any]
TOPIC, QUEUE, BUCKET = "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::S3::Bucket"
STACK, CACHE = "AWS::CloudFormation::Stack", "AWS::ElastiCache::ReplicationGroup"


def template(resources: Body, **sections: Body) -> Body:
    """A template; parameters without a type are strings."""
    parameters = {
        name: {"Type": "String", **entry} for name, entry in sections.pop("Parameters", {}).items()
    }
    return {"Resources": resources, "Parameters": parameters, **sections}


def resource(kind: str = TOPIC, **properties: Any) -> Body:
    return {"Type": kind, "Properties": properties}


def told(changes: tuple[Change, ...]) -> dict[str, str]:
    """By name, what happens."""
    return {change.name: change.action.value for change in changes}


def told_between(old: Body, new: Body, before: Any = None, after: Any = None) -> dict[str, str]:
    return told(changes_between(old, before or {}, new, after or {}))


STAGE = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}
HERE = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (STAGE, True),
        ({"Fn::Not": [STAGE]}, False),
        ({"Fn::And": [STAGE, {"Condition": "Never"}]}, False),
        ({"Fn::Or": [STAGE, {"Condition": "Never"}]}, True),
        (HERE, True),
        (
            {"Fn::And": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "x"]}, {"Condition": "Never"}]},
            False,
        ),
        ({"Fn::Or": [HERE, STAGE]}, True),
        ({"Fn::Equals": [{"Fn::Select": ["1", {"Ref": "Zones"}]}, "b"]}, True),
        ({"Fn::Equals": [{"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Many"]}, "no"]}, False),
        ({"Fn::Equals": [{"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}, "a-prod"]}, True),
        ({"Fn::Equals": [{"Fn::Sub": "a-${Stage}"}, "a-prod"]}, True),
        ({"Fn::Equals": [{"Fn::Select": [0, {"Fn::Split": ["-", "x-y"]}]}, "x"]}, True),
    ],
)
def test_a_condition_says_whether_a_resource_is_there(condition: Body, holds: bool) -> None:
    """What only AWS knows counts as true, unless the rest decides."""
    body = template(
        {"Topic": {**resource(), "Condition": "Wanted"}},
        Parameters={"Stage": {}, "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"}},
        Mappings={"Sizes": {"prod": {"Many": "yes"}}},
        Conditions={"Wanted": condition, "Never": {"Fn::Equals": ["a", "b"]}},
    )
    assert bool(additions_of(body, {"Stage": "prod"})) is holds


def test_a_condition_that_turns_takes_its_resource_with_it() -> None:
    body = template(
        {"Topic": {**resource(), "Condition": "Prod"}, "Queue": resource(QUEUE)},
        Parameters={"Stage": {"Default": "dev"}},
        Conditions={"Prod": STAGE},
    )
    assert told_between(body, body, {}, {"Stage": "prod"}) == {"Topic": "add"}
    assert told_between(body, body, {"Stage": "prod"}, {}) == {"Topic": "remove"}


VALUES = [
    {"Ref": "Size"},
    {"Fn::Sub": "x-${Size}-y"},
    {"Fn::Sub": ["${A}", {"A": {"Ref": "Size"}}]},
    {"Fn::Join": ["/", ["x", {"Ref": "Size"}]]},
    {"Fn::If": ["Small", "yes", "no"]},
    {"Fn::FindInMap": ["Names", {"Ref": "Size"}, "Name"]},
    {"Fn::Select": [0, [{"Ref": "Size"}, "b"]]},
    {"Fn::Base64": {"Fn::Sub": "${Size}"}},
    [{"Key": "size", "Value": {"Ref": "Size"}}],
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_parameter_shows_in_exactly_what_uses_it(value: Any) -> None:
    body = template(
        {"Used": resource(DisplayName=value), "Other": resource(DisplayName="constant")},
        Parameters={"Size": {}},
        Conditions={"Small": {"Fn::Equals": [{"Ref": "Size"}, "1"]}},
        Mappings={"Names": {"1": {"Name": "one"}, "2": {"Name": "two"}}},
    )
    (change,) = changes_between(body, {"Size": "1"}, body, {"Size": "2"})
    assert (change.path, change.action, change.properties) == (
        "Used",
        Action.MODIFY,
        ("DisplayName",),
    )
    assert not changes_between(body, {"Size": "1"}, body, {"Size": "1"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a-prod", {"Fn::Sub": "a-${Stage}"}),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}, {"Fn::Sub": "a-${AWS::Region}"}),
        ("60", 60),
        (True, "true"),
        ({"Ref": "AWS::NoValue"}, {"Fn::If": ["Never", "x", {"Ref": "AWS::NoValue"}]}),
        ({"Fn::GetAtt": "Queue.Arn"}, {"Fn::Sub": "${Queue.Arn}"}),
        ("${Stage}", {"Fn::Sub": "${!Stage}"}),
    ],
    ids=str,
)
def test_two_spellings_of_one_value_are_no_change(one: Any, other: Any) -> None:
    sections: dict[str, Body] = {
        "Parameters": {"Stage": {"Default": "prod"}},
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
    }
    queue = {"Queue": resource(QUEUE)}
    old = template({"Topic": resource(DisplayName=one), **queue}, **sections)
    new = template({"Topic": resource(DisplayName=other), **queue}, **sections)
    assert told_between(old, new) == {}


def test_what_hangs_on_the_region_changes_with_its_branches_mapping_and_condition() -> None:
    def body(amount: str, region: str) -> Body:
        return template(
            {
                "ByMap": resource(
                    DisplayName={"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "A"]}
                ),
                "ByCondition": resource(DisplayName={"Fn::If": ["Here", "x", "y"]}),
            },
            Mappings={"M": {"eu-west-1": {"A": amount}}},
            Conditions={"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}},
        )

    assert told_between(body("1", "a"), body("2", "a")) == {"ByMap": "modify"}
    assert told_between(body("1", "a"), body("1", "b")) == {"ByCondition": "modify"}
    assert told_between(body("1", "a"), body("1", "a")) == {}


def test_a_value_that_is_no_longer_known_counts_as_changed() -> None:
    body = template({"Topic": resource(DisplayName={"Ref": "Zone"})}, Parameters={"Zone": {}})
    assert told_between(body, body, {"Zone": "Z1"}) == {"Topic": "modify"}


def test_order_alone_and_outputs_touch_no_resource() -> None:
    old = template({"Topic": resource(), "Queue": resource(QUEUE)})
    new = template({"Topic": {**resource(), "DependsOn": "Queue"}, "Queue": resource(QUEUE)})
    assert told_between(old, {**new, "Outputs": {"X": {"Value": "1"}}}) == {}


@pytest.mark.parametrize("attribute", ["Metadata", "UpdatePolicy", "CreationPolicy"])
def test_attributes_that_cloudformation_reports_are_shown(attribute: str) -> None:
    old, new = template({"A": resource()}), template({"A": {**resource(), attribute: {"x": "y"}}})
    (change,) = changes_between(old, {}, new, {})
    assert (change.action, change.properties) == (Action.MODIFY, (attribute,))


def test_a_tag_is_a_property_like_any_other() -> None:
    new = template({"A": resource(Tags=[{"Key": "a", "Value": "b"}])})
    (change,) = changes_between(template({"A": resource()}), {}, new, {})
    assert (change.action, change.properties) == (Action.MODIFY, ("Tags",))


def test_the_stacks_own_tags_reach_what_takes_them() -> None:
    body = template({"Topic": resource(), "Policy": resource("AWS::SNS::TopicPolicy")})
    changes = changes_between(body, {}, body, {}, retagged=True)
    assert [(change.path, change.properties) for change in changes] == [("Topic", ("Tags",))]


def test_what_is_removed_says_whether_it_is_kept() -> None:
    body = template(
        {
            "Gone": resource(),
            "Kept": {**resource(BUCKET), "DeletionPolicy": "Retain"},
            "AlsoKept": {**resource(BUCKET), "DeletionPolicy": "RetainExceptOnCreate"},
            "Saved": {
                **resource("AWS::ElastiCache::ReplicationGroup"),
                "DeletionPolicy": "Snapshot",
            },
        }
    )
    expected = {"Gone": "remove", "Kept": "leave", "AlsoKept": "leave", "Saved": "remove"}
    assert told(removals_of(body, {})) == expected
    assert told_between(body, template({})) == expected
    policies = {change.path: change.policy for change in removals_of(body, {})}
    assert policies["Saved"] == "Snapshot"


def test_another_type_is_a_replacement_and_update_replace_policy_is_told() -> None:
    old = template({"A": {**resource(), "UpdateReplacePolicy": "Retain"}})
    (change,) = changes_between(old, {}, template({"A": resource(QUEUE)}), {})
    assert (change.type, change.action, change.policy) == (QUEUE, Action.REPLACE, "Retain")


ROOT = template(
    {
        "Network": resource(
            STACK,
            TemplateURL={"Fn::Sub": "https://${Bucket}.s3.amazonaws.com/x/network-1.template.json"},
            Parameters={"Nat": {"Ref": "Nat"}, "Zone": {"Fn::GetAtt": ["Other", "Arn"]}},
        ),
        "Other": resource(QUEUE),
    },
    Parameters={"Bucket": {}, "Nat": {"Default": "no"}},
)
INNER = template(
    {
        "Vpc": resource("AWS::EC2::VPC"),
        "Gateway": {**resource("AWS::EC2::NatGateway"), "Condition": "WithNat"},
        "Guess": {**resource(), "Condition": "InZone"},
    },
    Parameters={"Nat": {"Default": "yes"}, "Zone": {"Default": "nowhere"}},
    Conditions={
        "WithNat": {"Fn::Equals": [{"Ref": "Nat"}, "yes"]},
        "InZone": {"Fn::Equals": [{"Ref": "Zone"}, "a"]},
    },
)


def test_nested_stacks_are_shown_with_the_parameters_that_they_are_given() -> None:
    """`Zone` is given and not known: its default does not count, and so the condition may hold."""
    nested = {"network-1.template.json": INNER}
    shown = [change.path for change in additions_of(ROOT, {"Bucket": "b"}, nested)]
    assert shown == ["Network", "Network/Vpc", "Network/Guess", "Other"]
    more = [change.path for change in additions_of(ROOT, {"Nat": "yes"}, nested)]
    assert "Network/Gateway" in more


def test_a_deleted_stack_takes_what_is_nested_in_it() -> None:
    shown = [change.path for change in removals_of(ROOT, {}, {"Network": INNER})]
    assert "Network/Vpc" in shown
    assert [change.path for change in removals_of(ROOT, {})] == ["Network", "Other"]


def table(*regions: Any, **properties: Any) -> Body:
    replicas = [{"Region": region} for region in regions]
    return template(
        {"Sessions": resource("AWS::DynamoDB::GlobalTable", Replicas=replicas, **properties)}
    )


def test_a_replica_that_goes_is_shown_as_what_it_is_a_deletion() -> None:
    home = {"Ref": "AWS::Region"}
    old, new = table(home, "us-east-1", "eu-west-1"), table(home, "eu-west-1", "sa-east-1")
    assert told_between(old, new) == {
        "Sessions": "modify",
        "Sessions/Replicas/us-east-1": "remove",
    }
    assert told_between(new, table(home, "us-east-1", "eu-west-1", "sa-east-1")) == {
        "Sessions": "modify"
    }


def test_a_replaced_table_is_said_once() -> None:
    old, new = table("a", "b", TableName="x"), table("a", TableName="y")
    assert told_between(old, new) == {"Sessions": "replace"}


def test_a_change_set_keeps_the_parts_that_only_templates_show() -> None:
    shown = changes_between(table("a", "b"), {}, table("a"), {})
    known = (Change("Sessions", "AWS::DynamoDB::GlobalTable", Action.MODIFY, ("Replicas",)),)
    assert with_parts(shown, known) == (*known, shown[1])


@pytest.mark.parametrize(
    ("region", "made"), [("eu-west-1", {"Whole", "Part"}), ("us-east-1", {"Part"})]
)
def test_what_is_of_another_region_is_not_made_here(region: str, made: set[str]) -> None:
    """A nested stack knows its Region too; where the Region is not known, it may be made."""
    here = {"Conditions": {"IsHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}}
    whole = {"Type": "AWS::RDS::GlobalCluster", "Condition": "IsHome"}
    inside = here | {"Resources": {"Whole": whole, "Part": {"Type": "AWS::RDS::DBCluster"}}}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "x/inside.json"}}
    body, nested = {"Resources": {"Aurora": stack}}, {"inside.json": inside}
    found = additions_of(body, {"AWS::Region": region}, nested)
    assert {change.logical_id for change in found} - {"Aurora"} == made
    anywhere = additions_of(body, {}, nested)
    assert {change.logical_id for change in anywhere} == {"Aurora", "Whole", "Part"}
