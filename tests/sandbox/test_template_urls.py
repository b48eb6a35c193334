"""Templates by URL: every way that S3 addresses an object, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws import Account
from tests.sandbox.stacks import (
    REGION,
    bucket,
    created,
    deleted,
    events,
    nested,
    queue,
    settled,
    template,
    upload,
)

KEY = "stacks/one template.json"
PATH = "stacks/one%20template.json"
BODY = template({"Queue": queue()}, Description="by URL")


@pytest.fixture
def cfn(account: Account) -> Any:
    upload(account, KEY, BODY)
    return account.client("cloudformation", REGION)


@pytest.mark.parametrize(
    "url",
    [
        f"https://BUCKET.s3.{REGION}.amazonaws.com/{PATH}",
        f"https://BUCKET.s3.{REGION}.amazonaws.com.cn/{PATH}",
        f"https://BUCKET.s3.dualstack.{REGION}.amazonaws.com/{PATH}",
        f"https://BUCKET.s3-{REGION}.amazonaws.com/{PATH}",
        f"https://BUCKET.s3.amazonaws.com/{PATH}",
        f"https://s3.{REGION}.amazonaws.com/BUCKET/{PATH}",
        f"https://s3-{REGION}.amazonaws.com/BUCKET/{PATH}",
        f"https://s3.dualstack.{REGION}.amazonaws.com/BUCKET/{PATH}",
        f"https://s3.amazonaws.com/BUCKET/{PATH}",
    ],
)
def test_every_way_to_address_an_object_is_understood(cfn: Any, account: Account, url: str) -> None:
    url = url.replace("BUCKET", bucket(account))
    assert cfn.validate_template(TemplateURL=url)["Description"] == "by URL"


def test_the_emulators_own_address_is_too(cfn: Any, account: Account) -> None:
    url = f"{account.sandbox.endpoint}/{bucket(account)}/{PATH}"
    assert cfn.validate_template(TemplateURL=url)["Description"] == "by URL"


@pytest.mark.parametrize(
    "url, problem",
    [
        (f"https://BUCKET.s3.{REGION}.amazonaws.com/none.json", "key does not exist"),
        (f"https://nobodys.s3.{REGION}.amazonaws.com/{PATH}", "bucket does not exist"),
        (f"https://BUCKET.s3.us-west-2.amazonaws.com/{PATH}", "specified endpoint"),
        (f"http://BUCKET.s3.{REGION}.amazonaws.com/{PATH}", "must be a supported URL"),
        (f"https://example.com/BUCKET/{PATH}", "must be a supported URL"),
        (f"https://BUCKET.s3.{REGION}.amazonaws.com.example.com/{PATH}", "supported URL"),
        (f"https://BUCKET.s3-website-{REGION}.amazonaws.com/{PATH}", "supported URL"),
        (f"http://127.0.0.1:9/BUCKET/{PATH}", "must be a supported URL"),
        ("https://stack-sets.invalid/template", "must be a supported URL"),
    ],
)
def test_any_other_url_is_refused(cfn: Any, account: Account, url: str, problem: str) -> None:
    url = url.replace("BUCKET", bucket(account))
    with pytest.raises(ClientError, match=problem) as caught:
        cfn.create_stack(StackName="one", TemplateURL=url)
    assert caught.value.response["Error"]["Code"] == "ValidationError"


def test_every_action_that_takes_a_template_takes_its_url(cfn: Any, account: Account) -> None:
    url = upload(account, "it.json", BODY)
    assert cfn.get_template_summary(TemplateURL=url)["ResourceTypes"] == ["AWS::SQS::Queue"]
    cfn.create_stack(StackName="one", TemplateURL=url)
    assert settled(cfn, "one")["Description"] == "by URL"
    newer = upload(account, "newer.json", template({"Queue": queue(), "Other": queue()}))
    change_set = cfn.create_change_set(StackName="one", ChangeSetName="add", TemplateURL=newer)
    assert len(cfn.describe_change_set(ChangeSetName=change_set["Id"])["Changes"]) == 1
    cfn.update_stack(StackName="one", TemplateURL=newer)
    assert settled(cfn, "one")["StackStatus"] == "UPDATE_COMPLETE"
    cfn.create_stack_set(StackSetName="set", TemplateURL=url)
    assert cfn.describe_stack_set(StackSetName="set")["StackSet"]["TemplateBody"] == BODY


def test_a_stack_policy_has_a_url_too(cfn: Any, account: Account) -> None:
    body = '{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}'
    created(cfn, "one", BODY, StackPolicyURL=upload(account, "policy.json", body))
    assert cfn.get_stack_policy(StackName="one")["StackPolicyBody"] == body


def test_a_version_of_an_object_can_be_named(cfn: Any, account: Account) -> None:
    s3 = account.client("s3", REGION)
    enabled = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=bucket(account), VersioningConfiguration=enabled)
    older = s3.put_object(Bucket=bucket(account), Key="it", Body=BODY)["VersionId"]
    url = upload(account, "it", template({"Queue": queue()}, Description="newer"))
    assert cfn.validate_template(TemplateURL=url)["Description"] == "newer"
    found = cfn.validate_template(TemplateURL=f"{url}?versionId={older}")
    assert found["Description"] == "by URL"


def test_a_template_of_more_than_a_megabyte_is_refused(cfn: Any, account: Account) -> None:
    url = upload(account, "big.json", BODY + " " * 1_000_000)
    with pytest.raises(ClientError, match="may not exceed 1000000 bytes"):
        cfn.validate_template(TemplateURL=url)


def test_a_nested_stack_without_its_template_fails_and_says_so(cfn: Any, account: Account) -> None:
    url = f"https://{bucket(account)}.s3.{REGION}.amazonaws.com/none.json"
    stack = created(cfn, "root", template({"Child": nested(url)}))
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    failed = [each for each in events(cfn, "root") if each["ResourceStatus"] == "CREATE_FAILED"]
    assert "The specified key does not exist" in failed[0]["ResourceStatusReason"]
    assert deleted(cfn, stack["StackId"])["StackStatus"] == "DELETE_COMPLETE"
