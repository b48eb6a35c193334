from collections.abc import Iterator
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._policies import statements
from generator.checks.rules._template import (
    EACH,
    Spot,
    find,
    is_unknown,
    layer_tags,
    refers_to,
    report,
    resources,
    text,
    values,
)

ISSUER = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
TAKES_PATTERNS = ("StringLike", "StringLikeIfExists")
COMPARES = ("StringEquals", "StringLike", "StringEqualsIgnoreCase")


class GithubTrustIsExact(CloudFormationLintRule):
    """A role that GitHub's workflows take says of which repository, and for whom the token is."""

    id = "E9026"
    shortdesc = "Trust in GitHub names its repository"
    description = (
        "A statement of a role's trust policy that allows the provider"
        " token.actions.githubusercontent.com has conditions on aud (sts.amazonaws.com) and on sub,"
        " and sub has no wildcard in owner, repository, or in place of what the job runs for."
        " Conditions that hold where the claim is missing (…IfExists, ForAllValues) do not count."
    )
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "id_roles_providers_create_oidc_Github.html"
    )
    tags = layer_tags("security")
    risk = (
        "Everybody on GitHub gets tokens of this provider: without sub, any repository's workflow"
        " takes the role; with a wildcard, one that somebody else may name or push to."
    )
    fix = (
        "Compare aud with sts.amazonaws.com and sub with repo:owner/name:environment:name,"
        " :ref:refs/heads/branch or :pull_request by StringEquals."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(statement, fault)
            for role in resources(cfn, "AWS::IAM::Role")
            for statement in statements(cfn, role, ("AssumeRolePolicyDocument",), "Allow")
            if _is_of_github(cfn, statement)
            for fault in _faults(cfn, statement)
        ]


def _is_of_github(cfn: Template, statement: Spot) -> bool:
    """Whether its principal is the provider: by name, or made in this template."""
    for principal in values(cfn, statement, "Principal", "Federated", EACH):
        if ISSUER in text(principal):
            return True
        for provider in resources(cfn, "AWS::IAM::OIDCProvider"):
            if provider.name in refers_to(principal) and ISSUER in text(provider.value.get("Url")):
                return True
    return False


def _faults(cfn: Template, statement: Spot) -> Iterator[str]:
    audiences = list(_wanted(cfn, statement, "aud"))
    if not audiences or any(value != AUDIENCE for _, value in audiences):
        yield f"Condition must compare {ISSUER}:aud with {AUDIENCE}"
    subjects = list(_wanted(cfn, statement, "sub"))
    if not subjects:
        yield f"Condition must compare {ISSUER}:sub with a repository's"
    for operator, value in subjects:
        if not is_unknown(value) and _is_open(str(value), operator):
            yield f"sub {value} must name one owner, repository, and what the job runs for"


def _wanted(cfn: Template, statement: Spot, claim: str) -> Iterator[tuple[str, Any]]:
    """Operator and value of each comparison that fails where the claim is missing."""
    for condition in find(cfn, statement, "Condition"):
        operators = condition.value if isinstance(condition.value, dict) else {}
        for operator in (name for name in operators if name in COMPARES):
            for value in values(cfn, condition, operator, f"{ISSUER}:{claim}", EACH):
                yield operator, value


def _is_open(subject: str, operator: str) -> bool:
    kind, _, rest = subject.partition(":")
    repository, _, context = rest.partition(":")
    if kind != "repo" or "/" not in repository or not context:
        return True
    return operator in TAKES_PATTERNS and (
        any(mark in repository for mark in "*?") or context.startswith(("*", "?"))
    )
