"""Whatever loses its key, its rotation or its TLS changes the map, and the build says so."""

from __future__ import annotations

from typing import Any

import pytest

from generator.checks.encryption import unmapped
from tests.report.maps import Change, built, changed, replaced, row, with_options

NAMING_A_KEY = {"KmsKeyId", "KmsMasterKeyId", "EncryptionKeyArn"}
ALIAS = {"Fn::Sub": "alias/elsewhere"}


def properties(change: Change) -> Change:
    return lambda body: change(body["Properties"])


def without(*names: str) -> Change:
    """A resource without these properties."""
    return properties(lambda p: [p.pop(name) for name in names])


def with_these(**values: Any) -> Change:
    return properties(lambda p: p.update(values))


def unexplained(body: dict[str, Any]) -> None:
    body.pop("Metadata")


def without_deny(body: dict[str, Any]) -> None:
    document = body["Properties"]["PolicyDocument"]
    document["Statement"] = [s for s in document["Statement"] if s["Effect"] != "Deny"]


def deny(**said: Any) -> Change:
    """A resource policy whose Deny says something else."""

    def change(body: dict[str, Any]) -> None:
        statements = body["Properties"]["PolicyDocument"]["Statement"]
        next(s for s in statements if s["Effect"] == "Deny").update(said)

    return change


def in_one_case(otherwise: Any, *names: str) -> Change:
    """A resource with these properties under a condition, and something else without it."""
    return properties(
        lambda p: p.update({n: {"Fn::If": ["Sometimes", p[n], otherwise]} for n in names})
    )


def plain_to_origin(body: dict[str, Any]) -> None:
    for origin in body["Properties"]["DistributionConfig"]["Origins"]:
        origin["CustomOriginConfig"]["OriginProtocolPolicy"] = "http-only"


def plain_to_users(body: dict[str, Any]) -> None:
    config = body["Properties"]["DistributionConfig"]
    config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] = "allow-all"


def replica_without_key(body: dict[str, Any]) -> None:
    body["Properties"]["Replicas"][1].pop("SSESpecification")


def plain_volume(body: dict[str, Any]) -> None:
    mapping = body["Properties"]["LaunchTemplateData"]["BlockDeviceMappings"][0]
    mapping["Ebs"]["Encrypted"] = False


BREAKS: dict[str, tuple[str, Change, str]] = {
    "a log group without key": (
        "compute/ServiceLogGroup",
        without("KmsKeyId"),
        "Resources/ServiceLogGroup: is under no key of the platform's (KmsKeyId)",
    ),
    "a topic without key": (
        "monitoring/CriticalTopic",
        without("KmsMasterKeyId"),
        "is under no key of the platform's (KmsMasterKeyId)",
    ),
    "a secret without key": (
        "cache/CacheSecret",
        without("KmsKeyId"),
        "is under `aws/secretsmanager`, no key of the platform's",
    ),
    "a secret that nobody says why it stays": (
        "cache/CacheSecret",
        unexplained,
        "is never rotated, and no reason is given: draft.explain(…, CKV2_AWS_57, why)",
    ),
    "a table without key in one Region": (
        "database/SessionsTable",
        replica_without_key,
        "has no key in us-east-1",
    ),
    "a vault without key": (
        "database/BackupVault",
        without("EncryptionKeyArn"),
        "has no key (EncryptionKeyArn)",
    ),
    "a cache without key": (
        "cache/ReplicationGroup",
        without("KmsKeyId"),
        "is under no key of the platform's (KmsKeyId)",
    ),
    "a cache that is not encrypted": (
        "cache/ReplicationGroup",
        with_these(AtRestEncryptionEnabled=False),
        "is not encrypted (AtRestEncryptionEnabled)",
    ),
    "a cache that takes clients without TLS": (
        "cache/ReplicationGroup",
        with_these(TransitEncryptionMode="preferred"),
        "takes clients without TLS",
    ),
    "a volume that is not encrypted": (
        "compute/LaunchTemplate",
        plain_volume,
        "volumes that are not encrypted (Ebs.Encrypted)",
    ),
    "a volume under AWS' key that nobody says why": (
        "compute/LaunchTemplate",
        unexplained,
        "is under `aws/ebs`, no key of the platform's, and no reason is given",
    ),
    "a bucket without default encryption": (
        "storage/LogBucket",
        without("BucketEncryption"),
        "has no default encryption that is known (BucketEncryption)",
    ),
    "a bucket that takes plain requests": (
        "storage/LogBucketPolicy",
        without_deny,
        "Resources/LogBucket: takes requests without TLS (no Deny in its policy)",
    ),
    "a topic that takes plain messages": (
        "monitoring/WarningTopicPolicy",
        without_deny,
        "Resources/WarningTopic: takes messages without TLS (no Deny in its policy)",
    ),
    "a key that does not rotate": (
        "security/DataKey",
        with_these(EnableKeyRotation=False),
        "Resources/DataKey: does not rotate",
    ),
    "a primary key that does not rotate": (
        "database_key/DatabaseKey",
        without("EnableKeyRotation"),
        "Resources/DatabaseKey: does not rotate",
    ),
    "a key that is none of ours": (
        "compute/ServiceLogGroup",
        with_these(KmsKeyId=ALIAS),
        "which is no key of these templates",
    ),
    "a replica whose primary is lost": (
        "database_replica/DatabaseKey",
        with_these(PrimaryKeyArn=ALIAS),
        "its primary key is in none of these templates",
    ),
    "an origin that is asked in the clear": (
        "edge/Distribution",
        plain_to_origin,
        "asks its origin by plain HTTP, and no reason is given",
    ),
    "users that are answered in the clear": (
        "edge/Distribution",
        plain_to_users,
        "answers by plain HTTP (ViewerProtocolPolicy allow-all)",
    ),
    "a health check in the clear": (
        "health_check/EndpointCheck",
        properties(lambda p: p["HealthCheckConfig"].update(Type="HTTP")),
        "asks by plain HTTP",
    ),
    "instances that nobody says why they are asked in the clear": (
        "load_balancer/TargetGroup",
        unexplained,
        "sends to its targets by plain HTTP",
    ),
    "a way out without TLS": (
        "security/ApplicationHttpsOut",
        with_these(FromPort=80, ToPort=80),
        "lets out to port 80, of which no TLS is known",
    ),
    "a way out that is as wide as can be": (
        "security/ApplicationHttpsOut",
        without("FromPort", "ToPort"),
        "lets out to every port",
    ),
    "a group that AWS opens": (
        "security/CacheSecurityGroup",
        without("SecurityGroupEgress"),
        "Resources/CacheSecurityGroup: lets out to every port",
    ),
    "a flow log to somebody else's bucket": (
        "network/FlowLog",
        with_these(LogDestination="arn:aws:s3:::elsewhere"),
        "logs to arn:aws:s3:::elsewhere, which is no bucket of these templates",
    ),
    "a log of a web ACL in no group of ours": (
        "edge/WebAclLogging",
        with_these(LogDestinationConfigs=["elsewhere"]),
        "logs to elsewhere, which is no log group of these templates",
    ),
    "a policy that demands TLS for half of the calls": (
        "storage/LogBucketPolicy",
        properties(lambda p: p["PolicyDocument"]["Statement"][0].update(Action=["s3:PutObject"])),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses the requests of some": (
        "storage/LogBucketPolicy",
        deny(
            Condition={
                "Bool": {"aws:SecureTransport": "false"},
                "StringEquals": {"aws:PrincipalTag/team": "nobody"},
            }
        ),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses requests where two things are false": (
        "storage/LogBucketPolicy",
        deny(
            Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "true"}},
        ),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses one role's requests": (
        "storage/LogBucketPolicy",
        deny(Principal={"AWS": "arn:aws:iam::111122223333:role/nobody"}),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses requests for a folder": (
        "storage/LogBucketPolicy",
        deny(
            Resource=[
                {"Fn::GetAtt": ["LogBucket", "Arn"]},
                {"Fn::Join": ["", [{"Fn::GetAtt": ["LogBucket", "Arn"]}, "/nothing/*"]]},
            ]
        ),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses requests for objects only": (
        "storage/LogBucketPolicy",
        deny(Resource=[{"Fn::Sub": "${LogBucket.Arn}/*"}]),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that refuses requests for another bucket": (
        "storage/LogBucketPolicy",
        deny(Resource=["arn:aws:s3:::elsewhere", "arn:aws:s3:::elsewhere/*"]),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy that is there in one case only": (
        "storage/LogBucketPolicy",
        lambda body: body.update(Condition="Sometimes"),
        "Resources/LogBucket: takes requests without TLS",
    ),
    "a policy of a topic that refuses messages to another": (
        "monitoring/WarningTopicPolicy",
        deny(Resource=[{"Ref": "CriticalTopic"}]),
        "Resources/WarningTopic: takes messages without TLS",
    ),
    "a key in one case only": (
        "compute/ServiceLogGroup",
        in_one_case({"Ref": "AWS::NoValue"}, "KmsKeyId"),
        "Resources/ServiceLogGroup: its key is {'Fn::If': ['Sometimes', ",
    ),
    "a key of somebody else's in the other case": (
        "monitoring/CriticalTopic",
        in_one_case("alias/aws/sns", "KmsMasterKeyId"),
        "Resources/CriticalTopic: its key is {'Fn::If': ['Sometimes', ",
    ),
    "a key that the stack around brings in one case only": (
        "regional/Compute",
        properties(
            lambda p: p["Parameters"].update(
                LogsKeyArn={
                    "Fn::If": ["Sometimes", p["Parameters"]["LogsKeyArn"], {"Ref": "AWS::NoValue"}]
                }
            )
        ),
        "Resources/ServiceLogGroup: its key is ",
    ),
    "a function whose log is nobody's": (
        "security/FindPrefixListFunction",
        without("LoggingConfig"),
        "logs to a group that Lambda makes by itself (LoggingConfig)",
    ),
    "a role with rights that no template shows": (
        "security/InstanceRole",
        with_these(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "a policy that is in none of these templates",
    ),
    "what has another shape than was ever seen": (
        "monitoring/WarningEmailaf3c8254",
        without("Protocol"),
        "is of no shape that the encryption map knows (KeyError('Protocol'))",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_loses_its_protection_is_a_breach(name: str) -> None:
    place, change, expected = BREAKS[name]
    found = list(map(str, unmapped(changed(built("prod"), place, change))))
    assert [text for text in found if expected in text], found


OPTIONAL: dict[str, tuple[str, Change, str]] = {
    "a cluster that is not encrypted": (
        "aurora/Cluster",
        with_these(StorageEncrypted=False),
        "is not encrypted (StorageEncrypted)",
    ),
    "a cluster that takes clients without TLS": (
        "aurora/Parameters",
        properties(lambda p: p["Parameters"].pop("rds.force_ssl")),
        "Resources/Cluster: takes clients without TLS",
    ),
    "a cluster whose log RDS would make": (
        "aurora/PostgresqlLog",
        with_these(LogGroupName="elsewhere"),
        "which is no log group of these templates",
    ),
    "workers that nobody says why they speak plainly": (
        "load_generator/WorkersToMaster",
        unexplained,
        "lets out to port 5557, of which no TLS is known",
    ),
    "a build whose log CodeBuild would make": (
        "pipeline/BuildProject",
        without("LogsConfig"),
        "logs to a group that CodeBuild makes itself (LogsConfig)",
    ),
    "an experiment that logs elsewhere": (
        "chaos/ZonePower",
        properties(
            lambda p: p["LogConfiguration"]["CloudWatchLogsConfiguration"].update(
                LogGroupArn="elsewhere"
            )
        ),
        "logs to elsewhere, which is no log group of these templates",
    ),
}


@pytest.mark.parametrize("name", OPTIONAL)
def test_what_is_optional_is_held_to_the_same(name: str) -> None:
    place, change, expected = OPTIONAL[name]
    found = list(map(str, unmapped(changed(with_options(), place, change))))
    assert [text for text in found if expected in text], found


def test_nothing_is_missing_as_it_is() -> None:
    assert unmapped(built("prod")) == ()
    assert unmapped(built("dev")) == ()


def test_an_unknown_type_is_a_breach_that_says_what_to_do() -> None:
    more = replaced(built("dev"), "cache/Lake", {"Type": "AWS::Glue::Database", "Properties": {}})
    (breach,) = unmapped(more)
    assert breach.where == "Resources/Lake"
    assert breach.template.startswith("cache-")
    assert "AWS::Glue::Database a reader, or a reason" in breach.problem


def test_a_key_that_is_the_same_in_both_cases_is_the_key() -> None:
    same = in_one_case({"Ref": "LogsKeyArn"}, "KmsKeyId")
    bundle = changed(built("prod"), "compute/ServiceLogGroup", same)
    assert row(bundle, "compute/ServiceLogGroup") == row(built("prod"), "compute/ServiceLogGroup")


def test_a_policy_under_the_condition_of_its_bucket_is_there_when_the_bucket_is() -> None:
    def sometimes(body: dict[str, Any]) -> None:
        body["Condition"] = "Sometimes"

    policy = changed(built("prod"), "storage/LogBucketPolicy", sometimes)
    assert unmapped(changed(policy, "storage/LogBucket", sometimes)) == ()


def test_a_reason_in_the_metadata_makes_it_a_row() -> None:
    def explained(body: dict[str, Any]) -> None:
        body["Properties"].pop("KmsKeyId")
        body["Metadata"] = {"Reasons": {"AtRest": "Only what anybody may know."}}

    bundle = changed(built("prod"), "compute/ServiceLogGroup", explained)
    assert unmapped(bundle) == ()
    held = row(bundle, "compute/ServiceLogGroup").protection
    assert (held.key, held.reason) == ("CloudWatch Logs' own", "Only what anybody may know")


def test_the_keys_own_period_is_shown() -> None:
    sooner = changed(built("prod"), "security/LogsKey", with_these(RotationPeriodInDays=90))
    assert row(sooner, "compute/ServiceLogGroup").protection.rotation == "every 90 days"


def test_a_right_that_is_taken_from_a_role_takes_it_from_the_map() -> None:
    def no_keys(body: dict[str, Any]) -> None:
        policy = body["Properties"]["Policies"][0]["PolicyDocument"]
        kept = [s for s in policy["Statement"] if "kms:Decrypt" not in s["Action"]]
        policy["Statement"] = kept

    before = row(built("prod"), "cache/CacheSecret").protection.readers
    after = changed(built("prod"), "security/InstanceRole", no_keys)
    assert "security/InstanceRole" in before
    assert "security/InstanceRole" not in row(after, "cache/CacheSecret").protection.readers


def test_whatever_names_a_key_is_missed_without_it() -> None:
    """Every property that brings a key, wherever there is one."""
    prod = built("prod")
    named = [
        (f"{prod.manifest['templates'][file]['layer']}/{name}", key)
        for file, template in prod.templates.items()
        for name, body in template["Resources"].items()
        for key in sorted(NAMING_A_KEY & body.get("Properties", {}).keys())
    ]
    assert len(named) > 10
    for place, key in named:
        assert unmapped(changed(prod, place, without(key))), place
