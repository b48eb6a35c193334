"""What GitHub's workflows may do here, and which of them: there is no long-lived key.

A workflow's token says in `sub` what it runs for: a pull request, a branch, or, where its job names
one, a GitHub environment, and then not the branch. Each role demands whole subjects of one
repository. The branch of a deployment is a claim of its own, which AWS compares since 2026.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

from collections.abc import Mapping

from awacs.aws import (
    Allow,
    Condition,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sts import AssumeRoleWithWebIdentity
from troposphere import Ref
from troposphere.iam import ManagedPolicy, Role

from generator import names
from generator.policies import deployer, looking
from generator.policies.statements import Resource, role
from generator.settings.model import Settings
from generator.settings.sections_delivery import GithubActions

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
LONGEST_JOB_SECONDS = 6 * 60 * 60
"""Of GitHub's hosted runners. A role that is taken in another role's name lasts an hour, and a
first rollout takes longer: so the deploying role has the deployer's rights itself."""


def plan_role(settings: Settings, github: GithubActions, provider: Resource) -> Role:
    """Of pull requests, and of the branch before anybody approved: it reads stacks, no more.

    Whoever may open a pull request in the repository can change what its workflow does, so this
    role makes no change set, writes no artifact and passes no role.
    """
    of = f"repo:{github.repository}"
    subjects = [f"{of}:pull_request", f"{of}:ref:refs/heads/{github.branch}"]
    return role(
        "PlanRole",
        _trust(provider, {"sub": subjects}),
        looking.grants(settings, [settings.environment]),
        name=names.delivery_role(settings, "github-plan"),
    )


def deploy_role(
    settings: Settings, github: GithubActions, provider: Resource, reading: ManagedPolicy
) -> Role:
    """Of jobs in the GitHub environment of this environment's name, on the branch."""
    claims = {
        "sub": f"repo:{github.repository}:environment:{settings.environment}",
        "ref": f"refs/heads/{github.branch}",
    }
    made = role(
        "DeployRole",
        _trust(provider, claims),
        deployer.grants(settings),
        name=names.delivery_role(settings, "github-deploy"),
    )
    made.ManagedPolicyArns = [Ref(reading)]
    made.MaxSessionDuration = LONGEST_JOB_SECONDS
    return made


def _trust(provider: Resource, claims: Mapping[str, str | list[str]]) -> PolicyDocument:
    wanted = {f"{ISSUER}:{claim}": value for claim, value in claims.items()}
    statement = Statement(
        Effect=Allow,
        Principal=Principal("Federated", provider),
        Action=[AssumeRoleWithWebIdentity],
        Condition=Condition(StringEquals({f"{ISSUER}:aud": AUDIENCE, **wanted})),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[statement])
