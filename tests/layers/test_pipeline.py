"""The pipeline: its order, what travels, who may do what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.layers import pipeline
from generator.layers.pipeline.projects import buildspec
from tests.delivery.commands import BUILDSPECS, of_buildspec, spec
from tests.layers.delivering import CONNECTION, PROMOTES, REPOSITORY, delivering, template
from tests.policies.grants import actions, allows, rendered, statements

ACCOUNT = "111122223333"
BUCKET = f"arn:aws:s3:::gtm-prod-pipeline-{ACCOUNT}-eu-west-1"


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = template(pipeline.LAYER, delivering(**changes))["Resources"]
    return found


def properties(title: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = rendered(resources(**changes)[title]["Properties"])
    return found


def stages(**changes: Any) -> dict[str, list[dict[str, Any]]]:
    return {
        stage["Name"]: stage["Actions"] for stage in properties("Pipeline", **changes)["Stages"]
    }


def variables(action: dict[str, Any]) -> dict[str, str]:
    listed = json.loads(action["Configuration"]["EnvironmentVariables"])
    return {each["name"]: each["value"] for each in listed}


def names(actions_of: list[dict[str, Any]]) -> list[str]:
    return [
        action["Name"] for action in sorted(actions_of, key=lambda a: int(a.get("RunOrder", 1)))
    ]


# --- order ----------------------------------------------------------------------------------------


def test_an_environment_is_one_stage_of_plan_approval_home_and_the_rest() -> None:
    found = stages()
    assert list(found) == ["Source", "Build", "staging", "prod"]
    assert names(found["staging"]) == ["Plan", "HomeRegion", "Rest"]
    assert names(found["prod"]) == ["Plan", "Approve", "HomeRegion", "Rest"]
    assert [a["RunOrder"] for a in found["prod"]] == [1, 2, 3, 4]


def test_executions_wait_for_each_other_and_a_push_to_the_branch_starts_one() -> None:
    made = properties("Pipeline", branch="live")
    assert (made["PipelineType"], made["ExecutionMode"]) == ("V2", "QUEUED")
    (trigger,) = made["Triggers"]
    assert trigger["GitConfiguration"]["Push"] == [{"Branches": {"Includes": ["live"]}}]
    (source,) = made["Stages"][0]["Actions"]
    assert trigger["GitConfiguration"]["SourceActionName"] == source["Name"]
    assert source["Configuration"]["BranchName"] == "live"
    assert source["Configuration"]["FullRepositoryId"] == REPOSITORY


def test_ten_environments_stay_within_the_limits_of_codepipeline() -> None:
    many = [{"environment": f"e{n:09}"} for n in range(9)] + [{"environment": "prod"}]
    found = properties("Pipeline", promotes=many)["Stages"]
    assert len(found) <= 50
    for stage in found:
        for action in stage["Actions"]:
            for value in action["Configuration"].values():
                assert len(value) <= 1000


# --- one build ------------------------------------------------------------------------------------


def test_only_the_build_builds() -> None:
    assert BUILDSPECS == ["build", "home_region", "plan", "rest"]
    building = [name for name in BUILDSPECS if any(" build " in c for c in of_buildspec(name))]
    assert building == ["build"]


def test_every_later_action_is_told_the_hashes_of_the_build() -> None:
    for name in ("staging", "prod"):
        for action in stages()[name]:
            if action["Name"] != "Approve":
                told = variables(action)
                assert told["MANIFESTS"] == "#{Build.MANIFESTS}"
                assert told["ENVIRONMENT"] == name
                assert told["DEPLOYER"] == f"arn:aws:iam::{ACCOUNT}:role/gtm-{name}-deployer"
    (build,) = stages()["Build"]
    assert build["Namespace"] == "Build"
    assert variables(build) == {"ENVIRONMENTS": "staging prod"}
    assert "MANIFESTS" in spec("build")["env"]["exported-variables"]


def test_each_action_takes_what_the_one_before_it_handed_on() -> None:
    artifact = "Source"
    for name in ("Build", "staging", "prod"):
        artifact = artifact if name == "Build" else "Build"
        for action in stages()[name]:
            if action["Name"] != "Approve":
                assert action["InputArtifacts"] == [{"Name": artifact}]
                artifact = action.get("OutputArtifacts", [{"Name": ""}])[0]["Name"]


def test_who_approves_sees_the_plan_in_one_line_and_where_all_of_it_is() -> None:
    plan, approval = stages()["prod"][:2]
    told = approval["Configuration"]
    assert told["NotificationArn"] == "PipelineTopic"
    assert told["CustomData"] == f"prod: #{{{plan['Namespace']}.SUMMARY}}"
    assert told["ExternalEntityLink"] == f"#{{{plan['Namespace']}.LOG}}"
    assert {"SUMMARY", "LOG"} <= set(spec("plan")["env"]["exported-variables"])


# --- projects -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["build", "home_region", "plan", "rest"])
def test_a_project_runs_its_file_without_privileges_encrypted_and_logged(name: str) -> None:
    title = "".join(part.capitalize() for part in name.split("_")) + "Project"
    made = properties(title)
    assert made["Source"] == {"Type": "CODEPIPELINE", "BuildSpec": buildspec(name)}
    assert made["Environment"]["Type"] == "ARM_CONTAINER"
    assert made["Environment"]["PrivilegedMode"] is False
    assert made["EncryptionKey"] == "PipelineKey.Arn"
    assert made["LogsConfig"]["CloudWatchLogs"]["GroupName"] == "PipelineLogs"
    assert 0 < made["TimeoutInMinutes"] <= 480
    assert made["QueuedTimeoutInMinutes"] <= 480
    assert made["ServiceRole"] == ("BuildRole.Arn" if name == "build" else "DeployRole.Arn")


def test_every_phase_stops_at_its_first_failure() -> None:
    for name in BUILDSPECS:
        assert {phase["on-failure"] for phase in spec(name)["phases"].values()} == {"ABORT"}


# --- rights ---------------------------------------------------------------------------------------


def test_the_deploying_role_takes_the_named_deployers_and_no_other_role() -> None:
    role = [resources()["DeployRole"]]
    for name in ("staging", "prod"):
        assert allows(role, "sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/gtm-{name}-deployer")
    (statement,) = (s for s in statements(role[0]) if s["Action"] == ["sts:AssumeRole"])
    assert len(statement["Resource"]) == len(PROMOTES)
    assert {a.partition(":")[0] for a in actions(role)} == {"kms", "logs", "s3", "sts"}


def test_the_build_reads_the_source_writes_the_build_and_takes_no_role() -> None:
    role = [resources()["BuildRole"]]
    assert not any(a.startswith(("sts:", "iam:", "cloudformation:")) for a in actions(role))
    assert allows(role, "s3:GetObject", f"{BUCKET}/gtm-prod-pipeline/Source/x")
    assert not allows(role, "s3:GetObject", f"{BUCKET}/gtm-prod-pipeline/Plan_prod/x")
    assert allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Build/x")
    assert not allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Source/x")
    assert not allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Plan_prod/x")


def test_the_deploying_role_can_not_replace_what_was_built() -> None:
    role = [resources()["DeployRole"]]
    assert allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Plan_prod/x")
    assert not allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Build/x")


def test_the_pipeline_starts_its_own_projects_over_its_own_connection() -> None:
    role = [resources()["ServiceRole"]]
    assert allows(role, "codeconnections:UseConnection", CONNECTION)
    own = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/gtm-prod-pipeline-plan"
    assert allows(role, "codebuild:StartBuild", own)
    assert not allows(role, "codebuild:StartBuild", own.replace("gtm-prod-", "other-"))
    assert not any(a.startswith(("iam:", "sts:", "cloudformation:")) for a in actions(role))


def test_an_older_connection_has_the_older_action() -> None:
    older = CONNECTION.replace("codeconnections", "codestar-connections")
    found = actions([resources(connection_arn=older)["ServiceRole"]])
    assert "codestar-connections:UseConnection" in found


@pytest.mark.parametrize("role", ["ServiceRole", "BuildRole", "DeployRole"])
def test_a_role_is_taken_for_this_accounts_pipeline_only(role: str) -> None:
    made = properties(role)
    (trust,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert "gtm-prod-pipeline" in trust["Condition"]["ArnLike"]["aws:SourceArn"]
    assert made["RoleName"].startswith("gtm-prod-pipeline-")
    assert "PermissionsBoundary" not in made  # it takes roles, which no bounded role can


# --- what it keeps --------------------------------------------------------------------------------


def test_artifacts_are_encrypted_by_its_key_private_and_forgotten() -> None:
    made = properties("PipelineBucket")
    (encryption,) = made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    by_default = encryption["ServerSideEncryptionByDefault"]
    assert by_default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "PipelineKey.Arn"}
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = made["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == "ArtifactRetentionDays"
    (deny,) = properties("PipelineBucketPolicy")["PolicyDocument"]["Statement"]
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_failures_reach_the_addresses_of_the_alarms() -> None:
    rule = properties("PipelineFailed")
    assert rule["EventPattern"]["detail"] == {
        "pipeline": ["gtm-prod-pipeline"],
        "state": ["FAILED"],
    }
    assert rule["Targets"][0]["Arn"] == "PipelineTopic"
    (email,) = (r for r in resources().values() if r["Type"] == "AWS::SNS::Subscription")
    assert email["Properties"]["Endpoint"] == "ops@example.com"
    publishing = properties("PipelineTopicPolicy")["PolicyDocument"]["Statement"][0]
    assert publishing["Condition"] == {"ArnEquals": {"aws:SourceArn": "PipelineFailed.Arn"}}
    key = properties("PipelineKey")["KeyPolicy"]["Statement"]
    (encrypting,) = (s for s in key if s["Principal"] == {"Service": "events.amazonaws.com"})
    topic = f"arn:aws:sns:eu-west-1:{ACCOUNT}:gtm-prod-pipeline"
    context = {"kms:EncryptionContext:aws:sns:topicArn": topic}
    assert encrypting["Condition"] == {"StringEquals": context}
