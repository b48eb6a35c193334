"""What deliveries ask of `plan` and `deploy`: plans that only read, and plans in two goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from generator.cli import plan_markdown
from generator.cli.plan_markdown import LONGEST, plan_as_markdown
from generator.deploy.aws import Aws
from generator.deploy.rollout import plan
from generator.layers import github_actions
from generator.settings.model import Settings
from generator.settings.sections_delivery import GithubActions
from tests.cli.typed import type_in
from tests.deploy.conftest import Deployer, deployer, prod
from tests.deploy.test_organization import Organization, organization, organized
from tests.layers.support import filled
from tests.local_aws import Account
from tests.policies import grants
from tests.policies.grants import allows

__all__ = ["deployer", "organization"]

ACTION_OF = {"s3:ListObjectsV2": "s3:ListBucket", "s3:HeadBucket": "s3:ListBucket"}


def small(**changes: object) -> Settings:
    """prod in one Region."""
    return prod(regions=[{"name": "ap-northeast-2"}], **changes)


def changed() -> Settings:
    """The same, with something to do in its Region only."""
    return small(compute={"maximum_instances": 30})


class Calls:
    """What a desk asks AWS for: actions of IAM, and on which ARNs."""

    def __init__(self, account: str, owner: str) -> None:
        self.seen: set[tuple[str, str]] = set()
        """`owner` is whose the stack sets are: the account's own, or the management account's."""
        self._account, self._owner = account, owner
        self.session = boto3.Session()
        self.session.events.register("provide-client-params", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        call = f"{model.service_model.service_name}:{model.name}"
        self.seen.add((ACTION_OF.get(call, call), self._arn(params)))

    def _arn(self, params: dict[str, Any]) -> str:
        match params:
            case {"StackSetName": name}:
                return f"arn:aws:cloudformation:eu-west-1:{self._owner}:stackset/{name}:1"
            case {"StackName": name}:
                own = f"arn:aws:cloudformation:eu-west-1:{self._account}:stack/{name}/1"
                return name if name.startswith("arn:") else own
            case {"Bucket": bucket, "Key": key}:
                return f"arn:aws:s3:::{bucket}/{key}"
            case {"Bucket": bucket}:
                return f"arn:aws:s3:::{bucket}"
        return "*"

    def refused_by(self, role: dict[str, Any]) -> list[tuple[str, str]]:
        """Those that a role does not allow."""
        free = {"sts:GetCallerIdentity"}
        return [
            (a, arn) for a, arn in sorted(self.seen) if a not in free and not allows([role], a, arn)
        ]


def plan_role(settings: Settings) -> dict[str, Any]:
    """The role that GitHub plans such an environment by."""
    github = GithubActions.model_validate({"repository": "my-company/platform"})
    chosen = settings.model_copy(update={"github_actions": github})
    role: dict[str, Any] = filled(github_actions.LAYER, chosen)["Resources"]["PlanRole"]
    return role


def only_looks(deployer: Deployer, settings: Settings, calls: Calls) -> None:
    """Plan it by what `calls` listens to, without a call that changes or that the role may not."""
    desk = deployer.desk(settings)._replace(aws=Aws(calls.session))
    made = plan(desk, change_sets=False)
    assert "regional@ap-northeast-2" in [step.id for step in made.steps if step.kind == "stack"]
    assert desk.aws.mutating_calls == 0
    assert len(calls.seen) > 10
    assert not calls.refused_by(plan_role(settings))


def test_without_change_sets_a_plan_only_reads_and_the_plan_role_may(
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(grants.PSEUDO, "AWS::AccountId", account.id)
    deployer.deploy(small())
    only_looks(deployer, changed(), Calls(account.id, owner=account.id))


def test_of_an_organization_too(
    deployer: Deployer,
    account: Account,
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(grants.PSEUDO, "AWS::AccountId", organization.platform)
    settings = organized(organization)
    deployer.deploy(settings)
    changed = Settings.model_validate(
        settings.model_dump(exclude_unset=True) | {"compute": {"maximum_instances": 30}}
    )
    calls = Calls(organization.platform, owner=account.id)
    only_looks(deployer, changed, calls)
    assert any(action.startswith("organizations:") for action, _ in calls.seen)


def test_who_plans_reads_the_journal_and_no_other_artifact() -> None:
    role, bucket = plan_role(small()), "arn:aws:s3:::gtm-prod-artifacts-111122223333-eu-west-1"
    assert allows([role], "s3:GetObject", f"{bucket}/gtm-prod/rollout/journal.json")
    assert not allows([role], "s3:GetObject", f"{bucket}/gtm-prod/service-1.zip")
    assert not allows(
        [role],
        "cloudformation:GetTemplate",
        "arn:aws:cloudformation:eu-west-1:111122223333:stack/other/1",
    )


def test_a_plan_that_home_is_all_of_leaves_nothing_to_the_rest(
    deployer: Deployer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "setup.cfg").touch()
    monkeypatch.chdir(tmp_path)
    deployer.deploy(small())
    deployer.build(changed())
    file = str(tmp_path / "plan.json")
    assert type_in("plan", "--env", "prod", "--bake", "0", "--out", file).code == 0
    common = ("deploy", "--env", "prod", "--plan", file, "--yes")
    home = type_in(*common, "--until", "home")
    assert home.code == 0, home.err
    rest = type_in(*common)
    assert rest.code == 0, rest.err
    assert "nothing to do" in rest.out


def test_markdown_says_the_sums_first_and_is_no_markup(deployer: Deployer) -> None:
    made = plan(deployer.desk(small()), change_sets=False)
    text = plan_as_markdown(made)
    head, _, details = text.partition("<details>")
    assert head.startswith("### prod\n\n")
    assert " to add, " in head.splitlines()[2]
    assert "| database\\_key@ap-northeast-2 | create |" in details
    assert "more: plan" not in details  # every list is whole
    assert len(text) < LONGEST + 1000
    nothing = plan_as_markdown(replace(made, steps=()))
    assert nothing.startswith("### prod\n\n0 to add, 0 to change")
    assert "<details>" not in nothing


def test_markdown_that_outgrows_a_comment_is_cut_and_says_where_the_rest_is(
    deployer: Deployer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = plan(deployer.desk(small()), change_sets=False)
    monkeypatch.setattr(plan_markdown, "LONGEST", 500)
    text = plan_as_markdown(made)
    assert len(text) < 1000
    assert "(cut here: the log of the job has all of it" in text
    assert text.endswith("</details>\n")
