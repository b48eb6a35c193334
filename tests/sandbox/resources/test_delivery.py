"""The stacks that deliver builds stand here too, and go again."""

from __future__ import annotations

from typing import Any

import pytest

from generator.layers import github_actions, pipeline
from generator.layers.draft import Layer
from tests.layers.delivering import delivering, template
from tests.local_aws import Account
from tests.sandbox.resources.stack import Stack, resource

ISSUER = "https://token.actions.githubusercontent.com"


def sections(made: dict[str, Any]) -> dict[str, Any]:
    """A template for Stack; without its Outputs, whose values are AWS's."""
    taken = {"resources": made["Resources"], "Parameters": made.get("Parameters", {})}
    return {key: value for key, value in taken.items() if value}


@pytest.mark.parametrize(
    "layer", [github_actions.LAYER, pipeline.LAYER], ids=lambda each: each.name
)
def test_its_stack_is_made_changed_and_deleted(layer: Layer, account: Account) -> None:
    stack = Stack(account)
    stack.create(**sections(template(layer, delivering())))
    stack.update(**sections(template(layer, delivering(branch="live"))))
    stack.delete()


def test_the_provider_is_seen_through_iam_and_keeps_its_arn(account: Account) -> None:
    stack = Stack(account)
    stack.create({"Provider": resource("IAM::OIDCProvider", Url=ISSUER, ClientIdList=["one"])})
    arn = stack.id("Provider")
    stack.update({"Provider": resource("IAM::OIDCProvider", Url=ISSUER, ClientIdList=["two"])})
    found = stack.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert found["ClientIDList"] == ["two"]
    assert stack.id("Provider") == arn


def test_a_second_provider_of_an_account_is_refused(account: Account) -> None:
    provider = {"Provider": resource("IAM::OIDCProvider", Url=ISSUER, ClientIdList=["one"])}
    Stack(account).create(provider)
    assert Stack(account, name="another").try_create(provider) == "ROLLBACK_COMPLETE"


def test_the_projects_have_the_commands_of_the_files(account: Account) -> None:
    stack = Stack(account)
    stack.create(**sections(template(pipeline.LAYER, delivering())))
    (project,) = stack.client("codebuild").batch_get_projects(
        names=["gtm-prod-pipeline-rest-prod"]
    )["projects"]
    assert "--plan plan.json --plan-sha256" in project["source"]["buildspec"]
