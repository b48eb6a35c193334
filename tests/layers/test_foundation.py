"""What stands before the platform: roles of the rollout, hosted zone, origin secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from troposphere import encode_to_dict

from generator.blueprint import LAYERS
from generator.layers import foundation, storage
from generator.policies import deployer as deployer_policy
from generator.settings.model import Domain
from generator.settings.sections import Edge
from tests.layers.support import drafted, filled, over, settings
from tests.policies.grants import allows, rendered, statements

ACCOUNT = "111122223333"


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = filled(foundation.LAYER, settings(**changes))["Resources"]
    return found


def trust(role: dict[str, Any]) -> dict[str, Any]:
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    found: dict[str, Any] = rendered(statement)
    return found


# --- roles ----------------------------------------------------------------------------------------


def test_the_rollout_has_four_roles_and_no_user() -> None:
    made = resources()
    names = {r["Properties"]["RoleName"] for r in made.values() if r["Type"] == "AWS::IAM::Role"}
    assert names == {
        "gtm-test-stack-set-administration",
        "gtm-test-stack-set-execution",
        "gtm-test-provisioning",
        "gtm-test-deployer",
    }
    assert not any(r["Type"] in ("AWS::IAM::User", "AWS::IAM::Group") for r in made.values())


def test_stack_sets_take_the_administration_role_for_this_account_only() -> None:
    statement = trust(resources()["StackSetAdministrationRole"])
    assert statement["Principal"] == {"Service": ["cloudformation.amazonaws.com"]}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    own_sets = f"arn:aws:cloudformation:*:{ACCOUNT}:stackset/*"
    assert statement["Condition"]["StringLike"] == {"aws:SourceArn": own_sets}


def test_a_region_that_is_opted_in_brings_its_own_service_principal() -> None:
    made = filled(foundation.LAYER, over("eu-west-1", "me-central-1"))["Resources"]
    statement = trust(made["StackSetAdministrationRole"])
    assert "cloudformation.me-central-1.amazonaws.com" in statement["Principal"]["Service"]


def test_the_administration_role_may_take_the_execution_role_and_nothing_else() -> None:
    made = resources()
    (statement,) = statements(made["StackSetAdministrationRole"])
    assert statement["Action"] == ["sts:AssumeRole"]
    assert statement["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/gtm-test-stack-set-execution"]
    assert trust(made["StackSetExecutionRole"])["Principal"] == {
        "AWS": "StackSetAdministrationRole.Arn"
    }


def test_cloudformation_takes_the_provisioning_role() -> None:
    statement = trust(resources()["ProvisioningRole"])
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}


# --- the deployer ---------------------------------------------------------------------------------


def deployer(**changes: Any) -> list[dict[str, Any]]:
    made = resources(**changes)
    return [made["DeployerRole"], made["DeployerReading"]]


def test_roles_may_deploy_and_users_with_long_lived_keys_may_not() -> None:
    statement = trust(deployer()[0])
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert statement["Condition"] == {"ArnLike": {"aws:PrincipalArn": "DeployerPrincipals"}}
    draft = drafted(foundation.LAYER, settings())
    assert draft.tunables["DeployerPrincipals"].default == "arn:*:iam::*:role/*"


def test_the_deployer_passes_two_roles_to_cloudformation() -> None:
    (statement,) = (s for s in statements(deployer()[0]) if "iam:PassRole" in s["Action"])
    assert [arn.rsplit("/")[-1] for arn in statement["Resource"]] == [
        "gtm-test-provisioning",
        "gtm-test-stack-set-administration",
    ]
    passed_to = {"iam:PassedToService": "cloudformation.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": passed_to}


@pytest.mark.parametrize(
    ("action", "arn", "allowed"),
    [
        ("cloudformation:CreateStack", "cloudformation:eu-west-1:{}:stack/gtm-test-edge/1", True),
        ("cloudformation:CreateStack", "cloudformation:eu-west-1:{}:stack/gtm-test2-edge/1", False),
        ("cloudformation:UpdateStack", "cloudformation:x:{}:stack/gtm-test-foundation/1", False),
        ("cloudformation:DeleteStack", "cloudformation:x:{}:stack/gtm-test-storage/1", False),
        ("cloudformation:ExecuteChangeSet", "cloudformation:x:{}:stack/gtm-test-storage/1", False),
        ("cloudformation:DescribeStacks", "cloudformation:x:{}:stack/gtm-test-storage/1", True),
        ("cloudformation:DeleteStackSet", "cloudformation:x:{}:stackset/gtm-test-replica:1", True),
        ("cloudformation:DeleteStackSet", "cloudformation:x:{}:stackset/other:1", False),
        ("s3:PutObject", "s3:::gtm-test-artifacts-{}-eu-west-1/a.json", True),
        ("s3:PutObject", "s3:::gtm-test-logs-{}-eu-west-1/a.log", False),
        ("s3:DeleteObject", "s3:::gtm-test-artifacts-{}-eu-west-1/a.json", False),
        ("iam:CreateRole", "iam::{}:role/gtm-test-x", False),
        ("dynamodb:DescribeTable", "dynamodb:eu-west-1:{}:table/gtm-test-sessions", True),
        ("dynamodb:GetItem", "dynamodb:eu-west-1:{}:table/gtm-test-sessions", False),
        ("secretsmanager:GetSecretValue", "secretsmanager:x:{}:secret:gtm-test/cache", False),
        ("ssm:GetParameters", "ssm:eu-west-1:{}:parameter/payroll", False),
        ("ec2:TerminateInstances", "ec2:eu-west-1:{}:instance/i-1", False),
    ],
)
def test_the_deployer_works_on_this_environments_stacks(
    action: str, arn: str, allowed: bool
) -> None:
    # S3's ARNs hold the account in the bucket's name.
    assert allows(deployer(), action, f"arn:aws:{arn.format(ACCOUNT)}") is allowed


def test_the_deployer_may_set_the_evacuation_switch_and_no_other_metric() -> None:
    (statement,) = (s for s in statements(deployer()[0]) if s["Sid"] == "Evacuate")
    namespace = {"cloudwatch:namespace": "gtm-test/evacuation"}
    assert statement["Action"] == ["cloudwatch:PutMetricData"]
    assert statement["Condition"] == {"StringEquals": namespace}


def test_the_stacks_out_of_the_deployers_reach_are_those_that_guard_it() -> None:
    unbounded = {layer.name for layer in LAYERS if not layer.bounded}
    assert set(deployer_policy.ADMINISTRATORS) == unbounded | {storage.LAYER.name}


# --- hosted zone ----------------------------------------------------------------------------------


def test_a_domain_without_a_zone_gets_one_that_outlives_the_stack() -> None:
    zone = resources()["HostedZone"]
    assert zone["Properties"]["Name"] == "example.com"
    assert (zone["DeletionPolicy"], zone["UpdateReplacePolicy"]) == (
        "RetainExceptOnCreate",
        "Retain",
    )


def test_an_existing_zone_is_offered_on() -> None:
    domain = Domain(name="example.com", hosted_zone_id="Z0123456789")
    draft = drafted(foundation.LAYER, settings(domain=domain))
    assert "HostedZone" not in draft.template.resources
    assert draft.tunables["ExistingHostedZoneId"].default == "Z0123456789"
    assert encode_to_dict(draft.offers["HostedZoneId"][1]) == {"Ref": "ExistingHostedZoneId"}


def test_without_a_domain_there_is_neither_zone_nor_right_on_records() -> None:
    made = resources(domain=None)
    assert "HostedZone" not in made
    assert "ChangeResourceRecordSets" not in json.dumps(made)


# --- origin secret --------------------------------------------------------------------------------


def test_the_origin_secret_is_generated_and_replicated_to_all_other_regions() -> None:
    secret = resources()["OriginSecret"]
    properties = secret["Properties"]
    assert properties["Name"] == "gtm-test/origin-secret"
    assert properties["GenerateSecretString"]["GenerateStringKey"] == "value"
    assert properties["GenerateSecretString"]["ExcludePunctuation"] is True
    assert [r["Region"] for r in properties["ReplicaRegions"]] == ["us-east-1", "eu-west-1"]
    assert secret["UpdateReplacePolicy"] == "Retain"


def test_the_edge_reads_its_secret_in_us_east_1_even_where_no_workload_is() -> None:
    made = filled(foundation.LAYER, over("eu-west-1"))["Resources"]
    assert made["OriginSecret"]["Properties"]["ReplicaRegions"] == [{"Region": "us-east-1"}]


def test_alone_in_us_east_1_there_is_nothing_to_replicate_to() -> None:
    made = filled(foundation.LAYER, over("us-east-1"))["Resources"]
    assert "ReplicaRegions" not in made["OriginSecret"]["Properties"]


def test_without_an_edge_there_is_no_origin_secret() -> None:
    assert "OriginSecret" not in resources(edge=Edge(enabled=False))


# --- order ----------------------------------------------------------------------------------------


def test_it_comes_after_the_bucket_that_its_template_is_fetched_from() -> None:
    assert foundation.LAYER.after == ("storage",)
