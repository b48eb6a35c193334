"""CloudFormation's permissions, held against AWS's own schemas of the types that the layers use."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from generator import names
from generator.blueprint import draft_platform
from generator.layers import foundation as foundation_layer
from generator.policies.deployer import ADMINISTRATORS
from generator.settings.load import load
from tests.layers.support import filled, settings
from tests.policies.grants import actions, allows, covers, rendered, statements

REFERENCE = Path(__file__).parents[2] / "parameters" / "reference.yaml"
SCHEMAS = files("cfnlint.data.schemas")

WITHOUT_HANDLERS = {"AWS::Route53::RecordSetGroup": "AWS::Route53::RecordSet"}
"""Types whose schema does not say, and which type calls the same."""

OF_BUCKETS = {
    r"s3:.*(Abac|Accelerate|Acl|Analytics|CORS|Cors|IntelligentTiering|Inventory|Logging|Metadata|"
    r"Metrics|Notification|ObjectLock|Replication|Website).*": "none is set",
    r"s3:Delete(BucketEncryption|BucketLifecycle)": "IAM knows it as Put…Configuration",
    r"s3:DeleteObject": "the bucket is kept with what is in it",
    r"s3tables:.*": "no table buckets",
}
"""What the schema of buckets asks for and no bucket has: by pattern, with the reason."""

UNUSED = {
    r"(acm-pca|autoloop|codewhisperer|cognito-idp|elasticfilesystem|firehose|kinesis|managed-fleets|"
    r"payments|route53-recovery-control-config|s3files|vpc-lattice|vpce|workmail):.*": (
        "integrations with services that the platform does not use"
    ),
    r"application-autoscaling:.*ScheduledAction": "tables follow their load, not a clock",
    r"autoscaling:.*(NotificationConfiguration|LoadBalancers)": "alarms tell; ALBs have targets",
    r"backup-storage:Mount": "IAM knows it as MountCapsule",
    r"backup:(Put|Delete)BackupVault(AccessPolicy|LockConfiguration|Notifications)": "none is set",
    r"cloudfront:(Create|Update).*(ConnectionGroup|WithStagingConfig)": "no tenants, no staging",
    r"cloudfront:CreateDistributionWithTags": "IAM asks for CreateDistribution and TagResource",
    r"cloudwatch:PutMetricData": "Kinesis streams of a table",
    r"dynamodb:(Delete|Put)ResourcePolicy": "tables have no policy",
    r"dynamodb:.*KinesisStreamingDestination": "no Kinesis",
    r"dynamodb:DisassociateTableReplica": "for tables over several accounts",
    r"ec2:(Accept|Assign|Unassign|Associate|Disassociate).*(Address|AddressTransfer|CidrBlock)": (
        "no IPv6, no second address"
    ),
    r"ec2:(Attach|Detach)VpnGateway": "no VPN",
    r"ec2:(CreateVpcEncryptionControl|ModifyVpcTenancy)": "neither is set",
    r"ec2:Get\*": "the calls behind a launch template are listed instead",
    r"elasticloadbalancing:Modify(CapacityReservation|IpPools)": "neither is set",
    r"iam:DeleteRolePermissionsBoundary": "the boundary is what must not go",
    r"iam:DescribeOrganization": "no such action in IAM",
    r"lambda:(Put|Delete|Pass|Associate).*(CodeSigningConfig|RecursionConfig|ScalingConfig|"
    r"RuntimeManagementConfig|CapacityProvider|RuntimeAlias)": "none is set",
    r"logs:(Put|Delete).*(DataProtectionPolicy|IndexPolicy|DeliveryDestinationPolicy|"
    r"BearerTokenAuthentication|DeletionProtection)": "none is set",
    r"logs:AllowVendedLogDeliveryForResource": "CloudFront has an action of its own for it",
    r"s3:PutBucketPolicy": "the storage stack's policy lets log services in already",
    r"s3:REST\.PUT\.OBJECT": "no such action in IAM",
    r"sns:PutDataProtectionPolicy": "none is set",
    r"ssm:Get\*": "public parameters only",
    r"iam:(Attach|Detach)(Group|User)Policy": "policies are attached to roles only",
    r"iam:ListRoles": "roles are named",
    r"rds:(Add|Remove)RoleToDB.*|rds:RemoveRoleFromDB.*": "clusters reach no other service",
    r"rds:(Enable|Disable)HttpEndpoint": "no Data API",
    r"rds:Restore.*": "clusters are made new, or restored by hand",
    r"rds:(CreateDBInstanceReadReplica|PromoteReadReplica|CreateDBSnapshot)": "clusters only",
    r"rds:St(art|op)DBInstanceAutomatedBackupsReplication": "the global database replicates",
} | OF_BUCKETS
"""What the schemas ask for and the platform does not: by pattern, with the reason."""


@cache
def templates() -> dict[str, dict[str, Any]]:
    drafts = draft_platform(load(REFERENCE)).drafts
    return {draft.layer.name: json.loads(draft.template.to_json()) for draft in drafts}


@cache
def foundation() -> dict[str, dict[str, Any]]:
    resources: dict[str, dict[str, Any]] = templates()["foundation"]["Resources"]
    return resources


def policies() -> list[dict[str, Any]]:
    arns = foundation()["ProvisioningRole"]["Properties"]["ManagedPolicyArns"]
    return [foundation()[arn["Ref"]] for arn in arns]


@cache
def asked_for() -> dict[str, set[str]]:
    """Every permission that the handlers of the types in use ask for, and by which types."""
    kinds = {
        resource["Type"]
        for name, template in templates().items()
        if name not in ADMINISTRATORS
        for resource in template["Resources"].values()
        if not resource["Type"].startswith("Custom::")
    }
    found: dict[str, set[str]] = defaultdict(set)
    for kind in kinds:
        for permission in _handlers(WITHOUT_HANDLERS.get(kind, kind)):
            found[permission].add(kind)
    return found


def _handlers(kind: str) -> set[str]:
    index = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    schema = json.loads((SCHEMAS / "resources" / f"{index[kind]}.json").read_text())
    steps = ("create", "read", "update", "delete")
    return {p for step in steps for p in schema["handlers"].get(step, {}).get("permissions", [])}


def test_every_permission_that_a_type_asks_for_is_given_or_explained() -> None:
    given = actions(policies())
    missing = {
        permission: kinds
        for permission, kinds in asked_for().items()
        if not covers(given, permission)
        and not any(re.fullmatch(pattern, permission) for pattern in UNUSED)
    }
    assert not missing


def test_no_explanation_outlives_its_permission() -> None:
    stale = [
        pattern
        for pattern in UNUSED
        if not any(re.fullmatch(pattern, permission) for permission in asked_for())
    ]
    assert not stale


def test_each_policy_and_role_stays_within_the_limits_of_iam() -> None:
    longest = settings(project="p" * 10, environment="e" * 10)
    for name, resource in filled(foundation_layer.LAYER, longest)["Resources"].items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            document = rendered(resource["Properties"]["PolicyDocument"])
            assert len(json.dumps(document, separators=(",", ":"))) <= 6_144, name
        if resource["Type"] == "AWS::IAM::Role":
            inline = resource["Properties"].get("Policies", [])
            assert len(json.dumps(rendered(inline), separators=(",", ":"))) <= 10_240, name
            assert len(resource["Properties"].get("ManagedPolicyArns", [])) <= 10, name


def test_stack_sets_and_stacks_are_made_with_the_same_permissions() -> None:
    execution, provisioning = (
        foundation()[name]["Properties"]["ManagedPolicyArns"]
        for name in ("StackSetExecutionRole", "ProvisioningRole")
    )
    assert execution == provisioning


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"])
def test_a_role_is_widened_only_within_the_boundary(action: str) -> None:
    (statement,) = (s for p in policies() for s in statements(p) if covers(s["Action"], action))
    boundary = "arn:aws:iam::111122223333:policy/gtm-reference/gtm-reference-boundary"
    assert statement["Condition"] == {"ArnEquals": {"iam:PermissionsBoundary": boundary}}
    assert statement["Resource"] == ["arn:aws:iam::111122223333:role/gtm-reference-*"]


@pytest.mark.parametrize(
    "role", ["stack-set-administration", "stack-set-execution", "provisioning", "deployer"]
)
def test_the_rollouts_own_roles_are_out_of_reach(role: str) -> None:
    arn = f"arn:aws:iam::111122223333:role/gtm-reference-{role}"
    for action in ("iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:PassRole"):
        assert not allows(policies(), action, arn)
    assert allows(policies(), "iam:DeleteRole", "arn:aws:iam::111122223333:role/gtm-reference-x")


def test_the_rollouts_own_policies_are_out_of_reach() -> None:
    for name, resource in foundation().items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            assert resource["Properties"]["Path"] == "/gtm-reference/", name
    arn = "arn:aws:iam::111122223333:policy/gtm-reference/gtm-reference-boundary"
    for action in ("iam:CreatePolicyVersion", "iam:DeletePolicy"):
        assert not allows(policies(), action, arn)


def test_the_boundary_holds_what_the_roles_of_all_layers_grant() -> None:
    boundary = actions([foundation()["Boundary"]])
    for layer, template in templates().items():
        for name, resource in template["Resources"].items():
            if layer not in ADMINISTRATORS and resource["Type"].startswith("AWS::IAM::"):
                beyond = {a for a in _granted(resource) if not covers(boundary, a)}
                assert not beyond, f"{layer} {name}"


def _granted(resource: dict[str, Any]) -> set[str]:
    return actions([resource]) if resource["Type"] != "AWS::IAM::InstanceProfile" else set()


@pytest.mark.parametrize(
    ("action", "of_others", "own"),
    [
        ("s3:GetObject", "s3:::payroll/a", "s3:::gtm-reference-artifacts-111122223333-x/a"),
        ("dynamodb:Scan", "dynamodb:x:{}:table/payroll", "dynamodb:x:{}:table/gtm-reference-x"),
        (
            "secretsmanager:GetSecretValue",
            "secretsmanager:x:{}:secret:payroll",
            "secretsmanager:x:{}:secret:gtm-reference/cache-abcdef",
        ),
        ("ssm:GetParameter", "ssm:x:{}:parameter/payroll", "ssm:x:{}:parameter/gtm-reference/x"),
        ("sns:Publish", "sns:x:{}:pager", "sns:x:{}:gtm-reference-warning"),
    ],
)
def test_the_boundary_keeps_roles_from_the_data_of_others(
    action: str, of_others: str, own: str
) -> None:
    """Whoever smuggles in a template may write any policy for the roles that it makes."""
    boundary = [foundation()["Boundary"]]
    assert allows(boundary, action, f"arn:aws:{own.format(111122223333)}")
    assert not allows(boundary, action, f"arn:aws:{of_others.format(111122223333)}")


@pytest.mark.parametrize(
    "service",
    [
        "contributorinsights.dynamodb",  # Contributor Insights of a table
        "mrk.kms",  # a multi-Region key
        "replication.dynamodb",
        "elasticache",
    ],
)
def test_a_fresh_account_gets_the_roles_that_services_make_for_themselves(service: str) -> None:
    (statement,) = (
        s for p in policies() for s in statements(p) if s["Sid"] == "ServiceLinkedRoles"
    )
    named = statement["Condition"]["StringEquals"]["iam:AWSServiceName"]
    assert f"{service}.amazonaws.com" in named


def test_the_boundary_knows_nothing_that_makes_an_administrator() -> None:
    services: dict[str, set[str]] = defaultdict(set)
    for action in actions([foundation()["Boundary"]]):
        services[action.split(":")[0]].add(action.split(":")[1])
    assert not services.keys() & {"iam", "sts", "organizations", "account"}
    # A Region switch plan calls functions that stand; nothing of it makes or changes one.
    assert services["lambda"] <= {"GetFunction", "InvokeFunction"}


def test_every_role_of_the_layers_has_the_boundary_and_a_name_within_reach() -> None:
    for layer, template in templates().items():
        for name, resource in template["Resources"].items():
            if layer in ADMINISTRATORS or resource["Type"] != "AWS::IAM::Role":
                continue
            properties = rendered(resource["Properties"])
            arn = rendered({"Fn::Sub": names.boundary_arn(load(REFERENCE))})
            assert properties["PermissionsBoundary"] == arn, name
            assert properties.get("RoleName", "gtm-reference-").startswith("gtm-reference-"), name


def test_roles_in_stack_sets_are_named_because_their_stacks_are_not() -> None:
    """StackSets calls its stacks StackSet-…, which no `role/<prefix>-*` matches."""
    role = templates()["database_replica"]["Resources"]["BackupRole"]["Properties"]
    assert rendered(role["RoleName"]) == "gtm-reference-backup-eu-west-1"


USE_OF_KEYS = {"kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}
"""What opens what is under a key; the rest of the rights manages keys."""


def test_keys_are_used_only_through_the_services_whose_types_ask_for_it() -> None:
    found = [s for p in policies() for s in statements(p) if USE_OF_KEYS & set(s["Action"])]
    (using,) = found
    assert set(using["Action"]) == USE_OF_KEYS
    ((operator, test),) = using["Condition"].items()
    assert (operator, list(test)) == ("StringLike", ["kms:ViaService"])
    through = {name.removesuffix(".*.amazonaws.com") for name in test["kms:ViaService"]}
    asking = {kind.split("::")[1].lower() for use in USE_OF_KEYS for kind in asked_for()[use]}
    # Secrets Manager's schema leaves it out; its documentation does not. DAX is ElastiCache.
    assert through == asking | {"secretsmanager", "dax"}


def test_no_other_right_opens_what_is_under_a_key() -> None:
    """Whatever decrypts, signs or encrypts; RevokeGrant and RetireGrant take away only."""
    given = {action for p in policies() for s in statements(p) for action in s["Action"]}
    of_keys = {action.removeprefix("kms:") for action in given if action.startswith("kms:")}
    uses = ("CreateGrant", "Decrypt", "Encrypt", "Generate", "ReEncrypt", "Sign", "Derive", "*")
    opening = {f"kms:{action}" for action in of_keys if action.startswith(uses)}
    assert opening == USE_OF_KEYS


def test_records_are_written_in_the_platforms_zone_only() -> None:
    edge = [foundation()["ProvisioningEdge"]]
    (statement,) = (s for s in statements(edge[0]) if s["Sid"] == "Records")
    (arn,) = statement["Resource"]
    assert arn.startswith("arn:aws:route53:::hostedzone/")
    assert "*" not in arn
    granting = [s for s in statements(edge[0]) if "route53:ChangeResourceRecordSets" in s["Action"]]
    assert granting == [statement]


@pytest.mark.parametrize(
    ("action", "arn"),
    [
        ("dynamodb:DeleteTable", "arn:aws:dynamodb:eu-west-1:111122223333:table/payroll"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:x"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:111122223333:function:payroll"),
        ("sns:DeleteTopic", "arn:aws:sns:eu-west-1:111122223333:pager"),
        ("iam:CreateUser", "arn:aws:iam::111122223333:user/x"),
        ("cloudformation:DeleteStack", "arn:aws:cloudformation:eu-west-1:111122223333:stack/x/1"),
        ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:111122223333:log-group:payroll"),
    ],
)
def test_what_others_in_the_account_own_is_left_alone(action: str, arn: str) -> None:
    assert not allows(policies(), action, arn)
