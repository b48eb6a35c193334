"""Who rolls the platform out: a pipeline, GitHub Actions, an organization's accounts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from generator.settings.kinds import NamePart, Section, Text

ConnectionArn = Annotated[
    str,
    StringConstraints(
        pattern=r"^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:"
        r"connection/[0-9a-f-]{36}$"
    ),
    Field(
        examples=[
            "arn:aws:codeconnections:ap-northeast-2:111122223333:connection/"
            "aaaabbbb-1111-2222-3333-ccccddddeeee"
        ]
    ),
]
Repository = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", max_length=140),
    Field(examples=["my-company/global-traffic-management"]),
]
GithubRepository = Annotated[
    str,
    StringConstraints(
        pattern=r"^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+@\d+/[A-Za-z0-9_.-]+@\d+)$",
        max_length=180,
    ),
    Field(examples=["my-company/platform", "my-company@123456/platform@456789"]),
]
OrganizationId = Annotated[
    str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$"), Field(examples=["o-a1b2c3d4e5"])
]
OrganizationalUnit = Annotated[
    str,
    StringConstraints(pattern=r"^(ou-[a-z0-9]{4,32}-[a-z0-9]{8,32}|r-[a-z0-9]{4,32})$"),
    Field(examples=["ou-ab12-cd34ef56"]),
]


class Promotion(Section):
    """One environment that the pipeline rolls out, in its turn."""

    environment: NamePart = Field(description="Name of its file in parameters/, as in staging.")
    approval: bool = Field(True, description="Whether a person has to approve its plan.")


class Pipeline(Section):
    """AWS CodePipeline: one build, rolled out to one environment after the other."""

    connection_arn: ConnectionArn = Field(
        description="ARN of the CodeConnections connection to the repository's host."
    )
    repository: Repository = Field(description="Repository that holds this generator, owner/name.")
    branch: Text = Field("main", description="Branch whose pushes start the pipeline.")
    promotes: list[Promotion] = Field(
        min_length=1, max_length=10, description="Environments in their order; the last is this."
    )


class GithubActions(Section):
    """Roles that GitHub Actions takes by OpenID Connect: no long-lived key is anywhere."""

    repository: GithubRepository = Field(
        description="Repository whose workflows may take the roles, as its tokens' subject has it: "
        "with the ids of owner and repository if it was made or renamed since July 15, 2026."
    )
    branch: Text = Field("main", description="Branch whose workflows may deploy.")
    own_provider: bool = Field(
        True,
        description="Whether the account's provider for GitHub is made here; an account has one.",
    )


class Organization(Section):
    """AWS Organizations: stack sets get their rights from it, and reach the accounts of units."""

    id: OrganizationId = Field(description="The organization's id.")
    organizational_units: list[OrganizationalUnit] = Field(
        min_length=1, max_length=20, description="Units whose accounts the stack sets reach."
    )
    delegated_administrator: bool = Field(
        True,
        description="Whether the platform's account is a delegated administrator of StackSets; "
        "otherwise it is the management account.",
    )
    auto_deployment: bool = Field(
        True,
        description="Whether accounts that join a unit get their load generators by themselves.",
    )
