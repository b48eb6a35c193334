"""The pipeline: its order, what travels, who may do what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.layers import pipeline
from generator.layers.pipeline.projects import buildspec
from generator.policies.deployer import READING
from tests.delivery.commands import BUILDSPECS, of_buildspec, spec
from tests.layers.delivering import CONNECTION, REPOSITORY, delivering, template
from tests.policies.grants import actions, allows, rendered

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
    template = resources(promotes=many)
    found = rendered(template["Pipeline"]["Properties"]["Stages"])
    assert len(found) <= 50
    for stage in found:
        for action in stage["Actions"]:
            for value in action["Configuration"].values():
                assert len(value) <= 1000
    assert len(template) <= 500
    assert len(json.dumps(template)) < 1_000_000
    for role in (r for r in template.values() if r["Type"] == "AWS::IAM::Role"):
        policies = rendered(role["Properties"]["Policies"])
        assert len(json.dumps(policies, separators=(",", ":"))) <= 10_240


def test_artifacts_are_told_apart_by_what_s3_keeps_of_their_names() -> None:
    many = [{"environment": f"staging{n:02}"} for n in range(9)] + [{"environment": "prod"}]
    made = [
        artifact["Name"]
        for stage in properties("Pipeline", promotes=many)["Stages"]
        for action in stage["Actions"]
        for artifact in action.get("OutputArtifacts", [])
    ]
    assert len({name[:10] for name in made}) == len(made) == 22
    assert all(len(name) <= 10 for name in made)


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
                deployer = f"arn:aws:iam::{ACCOUNT}:role/gtm-{name}-deployer"
                assert told.get("DEPLOYER") == (None if action["Name"] == "Plan" else deployer)
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
    assert told["CustomData"] == "prod: #{Plan02.SUMMARY}; plan SHA-256 #{Plan02.PLAN_SHA256}"
    assert told["ExternalEntityLink"] == "#{Plan02.LOG}"
    assert plan["Namespace"] == "Plan02"
    assert {"SUMMARY", "LOG", "PLAN_SHA256"} == set(spec("plan")["env"]["exported-variables"])


def test_what_was_approved_is_what_is_deployed_by_its_hash() -> None:
    for number, name in enumerate(("staging", "prod"), 1):
        plan, *_, home, rest = stages()[name]
        assert "PLAN_SHA256" not in variables(plan)
        assert variables(home)["PLAN_SHA256"] == f"#{{Plan{number:02}.PLAN_SHA256}}"
        assert variables(rest)["PLAN_SHA256"] == f"#{{Home{number:02}.REST_SHA256}}"
        assert home["Namespace"] == f"Home{number:02}"
    assert spec("home_region")["env"]["exported-variables"] == ["REST_SHA256"]


# --- projects -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title, name, role",
    [
        ("BuildProject", "build", "BuildRole"),
        ("PlanProject", "plan", "PlanRole"),
        ("HomeRegionStagingProject", "home_region", "DeployStagingRole"),
        ("HomeRegionProdProject", "home_region", "DeployProdRole"),
        ("RestStagingProject", "rest", "DeployStagingRole"),
        ("RestProdProject", "rest", "DeployProdRole"),
    ],
)
def test_a_project_runs_its_file_without_privileges_encrypted_and_logged(
    title: str, name: str, role: str
) -> None:
    made = properties(title)
    assert made["Source"] == {"Type": "CODEPIPELINE", "BuildSpec": buildspec(name)}
    assert made["Environment"]["Type"] == "ARM_CONTAINER"
    assert made["Environment"]["PrivilegedMode"] is False
    assert made["EncryptionKey"] == "PipelineKey.Arn"
    assert made["LogsConfig"]["CloudWatchLogs"]["GroupName"] == "PipelineLogs"
    assert 0 < made["TimeoutInMinutes"] <= 480
    assert made["QueuedTimeoutInMinutes"] <= 480
    assert made["ServiceRole"] == f"{role}.Arn"
    (trust,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]
    arn = f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/{made['Name']}"
    assert arn in trust["Condition"]["ArnLike"]["aws:SourceArn"]


def test_before_an_approval_nothing_has_a_right_to_deploy() -> None:
    for name in ("staging", "prod"):
        plan, *_, home, rest = stages()[name]
        assert plan["Configuration"]["ProjectName"] == "PlanProject"
        title = name.capitalize()
        assert home["Configuration"]["ProjectName"] == f"HomeRegion{title}Project"
        assert rest["Configuration"]["ProjectName"] == f"Rest{title}Project"
    reads = actions([resources()["PlanRole"]]) - {"s3:PutObject", "kms:GenerateDataKey*"}
    reads -= {"kms:Decrypt", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert all(each.partition(":")[2].startswith(READING) for each in reads)


def test_every_phase_stops_at_its_first_failure() -> None:
    for name in BUILDSPECS:
        assert {phase["on-failure"] for phase in spec(name)["phases"].values()} == {"ABORT"}


# --- rights ---------------------------------------------------------------------------------------


def test_an_environments_role_takes_its_one_deployer_and_no_other_role() -> None:
    for name, other in (("staging", "prod"), ("prod", "staging")):
        role = [resources()[f"Deploy{name.capitalize()}Role"]]
        deployer = f"arn:aws:iam::{ACCOUNT}:role/gtm-{{}}-deployer"
        assert allows(role, "sts:AssumeRole", deployer.format(name))
        assert not allows(role, "sts:AssumeRole", deployer.format(other))
        assert {a.partition(":")[0] for a in actions(role)} == {"kms", "logs", "s3", "sts"}


def test_the_build_reads_the_source_writes_the_build_and_takes_no_role() -> None:
    role = [resources()["BuildRole"]]
    assert not any(a.startswith(("sts:", "iam:", "cloudformation:")) for a in actions(role))
    assert allows(role, "s3:GetObject", f"{BUCKET}/gtm-prod-pipeline/Source/x")
    assert not allows(role, "s3:GetObject", f"{BUCKET}/gtm-prod-pipeline/Plan02/x")
    assert allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Build/x")
    assert not allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Source/x")
    assert not allows(role, "s3:PutObject", f"{BUCKET}/gtm-prod-pipeline/Plan02/x")


def test_an_environments_role_reads_its_plan_and_writes_what_is_left_of_it() -> None:
    role = [resources()["DeployProdRole"]]
    ours = f"{BUCKET}/gtm-prod-pipeline"
    assert allows(role, "s3:GetObject", f"{ours}/Plan02/x")
    assert allows(role, "s3:PutObject", f"{ours}/Home02/x")
    for artifact in ("Build", "Plan01", "Plan02", "Home01"):
        assert not allows(role, "s3:PutObject", f"{ours}/{artifact}/x")
    assert not allows(role, "s3:GetObject", f"{ours}/Plan01/x")


def test_planning_reads_the_build_looks_at_every_environment_and_writes_plans() -> None:
    role = [resources()["PlanRole"]]
    ours = f"{BUCKET}/gtm-prod-pipeline"
    assert allows(role, "s3:GetObject", f"{ours}/Build/x")
    for artifact in ("Plan01", "Plan02"):
        assert allows(role, "s3:PutObject", f"{ours}/{artifact}/x")
    for artifact in ("Source", "Build", "Home01", "Home02"):
        assert not allows(role, "s3:PutObject", f"{ours}/{artifact}/x")
    for name in ("staging", "prod"):
        stack = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/gtm-{name}-edge/1"
        assert allows(role, "cloudformation:GetTemplate", stack)


def test_what_codebuild_asks_of_a_role_is_there() -> None:
    for title in ("BuildRole", "PlanRole", "DeployStagingRole", "DeployProdRole"):
        for action in ("s3:GetBucketAcl", "s3:GetBucketLocation"):
            assert allows([resources()[title]], action, BUCKET), title


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


@pytest.mark.parametrize("role", ["ServiceRole", "BuildRole", "PlanRole", "DeployProdRole"])
def test_a_role_is_taken_for_this_accounts_pipeline_only(role: str) -> None:
    made = properties(role)
    (trust,) = made["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    assert all("gtm-prod-pipeline" in arn for arn in trust["Condition"]["ArnLike"]["aws:SourceArn"])
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
