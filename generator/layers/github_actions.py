"""GitHub Actions: the roles that workflows take by OpenID Connect, and the provider behind them.

An administrator's stack, as everything that says who may deploy: see `foundation`. Every
environment that GitHub deploys has its own two roles; the provider is one an account.
"""

from __future__ import annotations

from troposphere import GetAtt
from troposphere.iam import OIDCProvider

from generator.layers.draft import Draft, Expression, Layer, Offer, Scope, sub
from generator.policies import deployer
from generator.policies import github_actions as policies
from generator.settings.sections_delivery import GithubActions

PLAN_ROLE_ARN = Offer(
    "GithubPlanRoleArn",
    "Role of pull requests: it reads what stands.",
    scope=Scope.HOME,
    published=True,
)
DEPLOY_ROLE_ARN = Offer(
    "GithubDeployRoleArn",
    "Role of deployments, for jobs in the GitHub environment of this name.",
    scope=Scope.HOME,
    published=True,
)


def fill(draft: Draft) -> None:
    """The provider, then who may come through it."""
    github = draft.settings.github_actions
    assert github is not None
    provider = _provider(draft, github)
    plan = draft.add(policies.plan_role(draft.settings, github, provider))
    reading = draft.add(deployer.reading_policy(draft.settings))
    deploy = draft.add(policies.deploy_role(draft.settings, github, provider, reading))
    draft.offer(PLAN_ROLE_ARN, GetAtt(plan, "Arn"))
    draft.offer(DEPLOY_ROLE_ARN, GetAtt(deploy, "Arn"))


def _provider(draft: Draft, github: GithubActions) -> Expression:
    """Its ARN. No thumbprint: IAM trusts GitHub's certificate by its authority.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
    """
    if github.own_provider:
        made = draft.add(
            OIDCProvider(
                "Provider", Url=f"https://{policies.ISSUER}", ClientIdList=[policies.AUDIENCE]
            )
        )
        arn: Expression = GetAtt(made, "Arn")
        return arn
    return sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{policies.ISSUER}")


LAYER = Layer(
    name="github_actions",
    step="",
    purpose="Roles that GitHub Actions takes by OpenID Connect",
    scope=Scope.HOME,
    fill=fill,
    after=("foundation",),
    wanted=lambda settings: settings.github_actions is not None,
    bounded=False,
)
