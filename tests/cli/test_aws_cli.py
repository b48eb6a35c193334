"""The parameter files of build/<env>/ work as they are: with the real AWS CLI, with CodePipeline.

Each file is given to CloudFormation by the AWS CLI, and CloudFormation says what it took. What a
rollout carries is known only when its producer stands: here, as a person would, it is added.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generator.build.archive import Archive, packed
from generator.build.release import build_release
from generator.build.write import replace_tree
from generator.checks.limits import PARAMETER_VALUE_BYTES
from generator.settings import load
from tests.cli.aws import Typed, aws
from tests.local_aws import Account

PARAMETERS = Path(__file__).resolve().parents[2] / "parameters"
ENVIRONMENTS = tuple(sorted(path.stem for path in PARAMETERS.glob("*.yaml")))
HOME = "us-east-1"
ACCOUNT, ZONE = "111122223333", "Z0123456789ABC"
ARN = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1234"
"""What a person copies from outputs; the last may stand for any other value."""
TAGS_OF_A_STACK = 50


class Stack(NamedTuple):
    """A top stack of one Region, as the files say it."""

    environment: str
    region: str
    entry: dict[str, Any]

    @property
    def name(self) -> str:
        """Unique over all environments and Regions, for they meet in one account and Region."""
        return f"{self.entry['name']}-{self.region}"

    @property
    def stem(self) -> str:
        """Where its parameter files are."""
        return f"build/{self.environment}/parameters/{self.region}/{self.entry['layer']}"

    @property
    def template(self) -> str:
        """Where its template is."""
        return f"build/{self.environment}/{self.entry['template']}"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which every environment is built."""
    checkout = tmp_path_factory.mktemp("aws-cli")
    service = Archive(packed({"run": b"#!/bin/sh\n"}))
    for environment in ENVIRONMENTS:
        release = build_release(load(PARAMETERS / f"{environment}.yaml"), service)
        replace_tree(checkout / "build" / environment, release.files())
    return checkout


@cache
def body(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def stacks(checkout: Path) -> Iterator[Stack]:
    for environment in ENVIRONMENTS:
        manifest = json.loads((checkout / f"build/{environment}/manifest.json").read_text())
        for entry in manifest["rollout"]:
            for region in entry["regions"]:
                yield Stack(environment, region, entry)


def values(checkout: Path, stack: Stack) -> dict[str, str]:
    """What the file for the AWS CLI says."""
    pairs = json.loads((checkout / f"{stack.stem}.cli.json").read_text())
    return {pair["ParameterKey"]: pair["ParameterValue"] for pair in pairs}


def carried(checkout: Path, stack: Stack) -> dict[str, str]:
    """What a person copies from other stacks' outputs."""
    declared = body(checkout / stack.template).get("Parameters", {})
    return {name: _copied(declared[name]) for name in stack.entry["carried"]}


def _copied(parameter: dict[str, Any]) -> str:
    if parameter["Type"].endswith("HostedZone::Id"):
        return ZONE
    return ARN if re.search(parameter.get("AllowedPattern", ""), ARN) else ACCOUNT


def offer_templates(account: Account, checkout: Path) -> None:
    """Put every template where CloudFormation can fetch it: some are too large to be sent along."""
    s3 = account.client("s3", HOME)
    s3.create_bucket(Bucket=bucket(account))
    for path in checkout.glob("build/*/*.template.json"):
        s3.put_object(Bucket=bucket(account), Key=path.name, Body=path.read_bytes())


def bucket(account: Account) -> str:
    """Of this test's account: all accounts share the names of buckets."""
    return f"templates-{account.id}"


def understood(account: Account, name: str, change_set: str = "first") -> dict[str, str]:
    """The parameters of a change set, as CloudFormation gives them back."""
    found = account.client("cloudformation", HOME).describe_change_set(
        StackName=name, ChangeSetName=change_set
    )
    return {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", [])}


def change_set(account: Account, stack: Stack, file: str) -> list[str]:
    """The words that ask CloudFormation what it would make of a file."""
    url = f"{account.sandbox.endpoint}/{bucket(account)}/{stack.entry['template']}"
    return [
        *("cloudformation", "create-change-set", "--change-set-type", "CREATE"),
        *("--stack-name", stack.name, "--change-set-name", "first"),
        *("--template-url", url, "--parameters", f"file://{file}"),
        *("--capabilities", "CAPABILITY_NAMED_IAM"),
    ]


def with_carried(checkout: Path, stack: Stack, kind: str, added: list[Any]) -> str:
    """The file, or a copy to which a person added what is carried."""
    if not added:
        return f"{stack.stem}.{kind}.json"
    copy = checkout / f"{stack.stem}.{kind}.own.json"
    copy.write_text(json.dumps(json.loads(_text(checkout, stack, kind)) + added))
    return copy.relative_to(checkout).as_posix()


def for_create(checkout: Path, stack: Stack) -> str:
    """What `create-stack` and `create-change-set` are given."""
    copied = carried(checkout, stack).items()
    pairs = [{"ParameterKey": key, "ParameterValue": value} for key, value in copied]
    return with_carried(checkout, stack, "cli", pairs)


def for_deploy(checkout: Path, stack: Stack) -> str:
    """What `deploy` is given."""
    lines = [f"{key}={value}" for key, value in carried(checkout, stack).items()]
    return with_carried(checkout, stack, "deploy", lines)


def test_every_file_comes_back_from_cloudformation(built: Path, account: Account) -> None:
    offer_templates(account, built)
    every = list(stacks(built))
    commands = [change_set(account, stack, for_create(built, stack)) for stack in every]
    aws(commands, account.environment(HOME), built)
    for stack in every:
        assert understood(account, stack.name) == {
            **values(built, stack),
            **carried(built, stack),
        }, stack.stem


def test_deploy_reads_the_files_for_deploy(built: Path, account: Account) -> None:
    """Of a platform with a domain and of one without; all others say what their neighbours do."""
    account.client("s3", HOME).create_bucket(Bucket=bucket(account))
    every = [stack for stack in stacks(built) if stack.environment in ("dev", "prod")]
    commands = [deploy(account, stack, for_deploy(built, stack)) for stack in every]
    aws(commands, account.environment(HOME), built)
    client = account.client("cloudformation", HOME)
    for stack in every:
        (made,) = client.list_change_sets(StackName=stack.name)["Summaries"]
        assert understood(account, stack.name, made["ChangeSetName"]) == {
            **values(built, stack),
            **carried(built, stack),
        }, stack.stem


def deploy(account: Account, stack: Stack, file: str) -> list[str]:
    return [
        *("cloudformation", "deploy", "--no-execute-changeset", "--stack-name", stack.name),
        *("--template-file", stack.template, "--s3-bucket", bucket(account)),
        *("--parameter-overrides", f"file://{file}", "--capabilities", "CAPABILITY_NAMED_IAM"),
    ]


def test_a_stack_that_is_created_has_the_values_of_its_file(built: Path, account: Account) -> None:
    region, stack = "ap-northeast-2", "gtm-dev-storage"
    stem = f"build/dev/parameters/{region}/storage"
    manifest = json.loads((built / "build/dev/manifest.json").read_text())
    template = next(e["template"] for e in manifest["rollout"] if e["layer"] == "storage")
    create = [
        *("cloudformation", "create-stack", "--stack-name", stack),
        *("--template-body", f"file://build/dev/{template}", "--parameters"),
        f"file://{stem}.cli.json",
    ]
    wait = ["cloudformation", "wait", "stack-create-complete", "--stack-name", stack]
    describe = ["cloudformation", "describe-stacks", "--stack-name", stack, "--output", "json"]
    *_, described = aws([create, wait, describe], account.environment(region), built)
    assert parameters_of(described) == {"LogBucketRetentionDays": "7"}


def parameters_of(described: Typed) -> dict[str, str]:
    (found,) = json.loads(described.out)["Stacks"]
    assert found["StackStatus"] == "CREATE_COMPLETE"
    return {p["ParameterKey"]: p["ParameterValue"] for p in found["Parameters"]}


def test_the_command_itself_reads_a_file(built: Path, account: Account) -> None:
    command = Path(sys.executable).with_name("aws")
    template = next((built / "build/dev").glob("storage-*.template.json"))
    done = subprocess.run(
        [command, "cloudformation", "validate-template", "--template-body", f"file://{template}"],
        env=account.environment(HOME),
        capture_output=True,
        text=True,
        check=True,
    )
    (parameter,) = json.loads(done.stdout)["Parameters"]
    assert parameter["ParameterKey"] == "LogBucketRetentionDays"


# --- formats that no program here reads -----------------------------------------------------------


def test_the_formats_say_the_same(built: Path) -> None:
    for stack in stacks(built):
        told = values(built, stack)
        deployed = json.loads((built / f"{stack.stem}.deploy.json").read_text())
        pipeline = json.loads((built / f"{stack.stem}.codepipeline.json").read_text())
        assert [line.partition("=")[::2] for line in deployed] == list(told.items())
        assert pipeline["Parameters"] == told


def test_version_2_of_the_aws_cli_takes_each_for_deploy(built: Path) -> None:
    """It takes a list of these two keys and no other, a list of texts, or a map with Parameters."""
    for stack in stacks(built):
        pairs = json.loads((built / f"{stack.stem}.cli.json").read_text())
        assert all(set(pair) == {"ParameterKey", "ParameterValue"} for pair in pairs)
        assert all("=" in line for line in json.loads(_text(built, stack, "deploy")))
        assert isinstance(json.loads(_text(built, stack, "codepipeline"))["Parameters"], dict)


def test_codepipeline_takes_each_as_template_configuration(built: Path) -> None:
    """Parameters that the template declares, tags and a stack policy: texts, and nothing else."""
    for stack in stacks(built):
        found = json.loads(_text(built, stack, "codepipeline"))
        assert set(found) <= {"Parameters", "Tags", "StackPolicy"}
        declared = body(built / stack.template).get("Parameters", {})
        assert set(found["Parameters"]) | set(stack.entry["carried"]) == set(declared)
        texts = [*found["Parameters"].values(), *found["Tags"].values()]
        assert all(isinstance(text, str) for text in texts)
        assert all(len(text.encode()) <= PARAMETER_VALUE_BYTES for text in texts)
        assert len(found["Tags"]) <= TAGS_OF_A_STACK


def _text(checkout: Path, stack: Stack, kind: str) -> str:
    return (checkout / f"{stack.stem}.{kind}.json").read_text()
