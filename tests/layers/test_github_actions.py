"""The roles that GitHub's workflows take: which jobs, and what for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from generator.layers import foundation, github_actions
from generator.policies.deployer import READING
from generator.settings.sections_delivery import GithubActions
from tests.layers.delivering import delivering, template
from tests.layers.support import filled, settings
from tests.policies.grants import actions, rendered

ISSUER = "token.actions.githubusercontent.com"
ARN = f"arn:aws:iam::111122223333:oidc-provider/{ISSUER}"


def resources(**changes: Any) -> dict[str, dict[str, Any]]:
    made = template(github_actions.LAYER, delivering(**changes))
    found: dict[str, dict[str, Any]] = made["Resources"]
    return found


def trust(title: str, **changes: Any) -> dict[str, Any]:
    role = resources(**changes)[title]["Properties"]
    (statement,) = rendered(role["AssumeRolePolicyDocument"]["Statement"])
    assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert list(statement["Condition"]) == ["StringEquals"]
    found: dict[str, Any] = statement
    return found


def claims(title: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = trust(title, **changes)["Condition"]["StringEquals"]
    return found


def test_only_the_environments_jobs_on_the_branch_deploy() -> None:
    assert claims("DeployRole", branch="live") == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": "repo:my-company/platform:environment:prod",
        f"{ISSUER}:ref": "refs/heads/live",
    }


def test_pull_requests_and_the_branch_plan() -> None:
    assert claims("PlanRole", branch="live") == {
        f"{ISSUER}:aud": "sts.amazonaws.com",
        f"{ISSUER}:sub": [
            "repo:my-company/platform:pull_request",
            "repo:my-company/platform:ref:refs/heads/live",
        ],
    }


def test_a_repository_may_be_named_with_its_ids() -> None:
    subject = claims("DeployRole", repository="my-company@1/platform@2")[f"{ISSUER}:sub"]
    assert subject == "repo:my-company@1/platform@2:environment:prod"


@pytest.mark.parametrize(
    "name", ["my-company/*", "my-company@1/platform", "*/platform", "platform"]
)
def test_half_a_name_or_a_pattern_is_no_repository(name: str) -> None:
    with pytest.raises(ValidationError):
        GithubActions(repository=name)


def test_the_provider_is_made_here_or_the_accounts_own() -> None:
    provider = resources()["Provider"]["Properties"]
    assert provider == {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]}
    assert trust("PlanRole")["Principal"] == {"Federated": "Provider.Arn"}
    assert "Provider" not in resources(own_provider=False)
    assert trust("PlanRole", own_provider=False)["Principal"] == {"Federated": ARN}


def test_planning_reads_and_nothing_else() -> None:
    role = resources()["PlanRole"]
    assert all(a.partition(":")[2].startswith(READING) for a in actions([role]))
    assert "ManagedPolicyArns" not in role["Properties"]


def test_deploying_is_what_the_deployer_may_for_as_long_as_a_job_lasts() -> None:
    deployer = filled(foundation.LAYER, delivering())["Resources"]["DeployerRole"]["Properties"]
    role = resources()["DeployRole"]["Properties"]
    assert role["Policies"] == deployer["Policies"]
    assert role["ManagedPolicyArns"] == [{"Ref": "DeployerReading"}]
    assert role["MaxSessionDuration"] == 21600


def test_roles_stay_within_the_limits_of_iam() -> None:
    longest = settings(
        project="p" * 10,
        environment="e" * 10,
        github_actions=GithubActions(repository=f"{'o' * 39}/{'r' * 100}"),
    )
    for name, resource in filled(github_actions.LAYER, longest)["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            inline = rendered(resource["Properties"]["Policies"])
            assert len(json.dumps(inline, separators=(",", ":"))) <= 10_240, name
            trusted = rendered(resource["Properties"]["AssumeRolePolicyDocument"])
            assert len(json.dumps(trusted, separators=(",", ":"))) <= 2_048, name
