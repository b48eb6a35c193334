"""A platform that stood is gone, but for what holds data; and that is known by its ids."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.awsrequest import AWSResponse

from generator.deploy.around.destroy import Destruction, destroy
from generator.deploy.aws import Aws
from generator.deploy.context import Observer
from generator.deploy.looking.leftovers import leftovers
from generator.deploy.looking.look import look
from generator.deploy.records.journal import LATEST, Past
from generator.deploy.records.lease import Lease
from generator.deploy.release import PLATFORM_TAG
from generator.deploy.steps import Step
from generator.errors import Detached, Refused, RolloutFailed
from generator.sandbox.process import Sandbox
from generator.settings.model import Settings
from tests.deploy.apart import exit_code
from tests.deploy.conftest import Deployer, Onlooker, prod
from tests.local_aws import Account
from tests.standing import HOME, OTHER, REGIONS, SETTINGS, Standing

SMALL = prod(home_region=OTHER, regions=[{"name": OTHER}])
_accounts = count(500_000_000_001)


class Destroyer(NamedTuple):
    """Somebody who destroys what they deployed, and agrees to everything."""

    deployer: Deployer
    account: Account
    settings: Settings
    shown: list[Destruction]

    def destroy(
        self, *, delete_buckets: bool = False, onlooker: Observer | None = None, **changes: Any
    ) -> Destruction:
        """Destroy with a fresh desk, some of it changed."""
        desk = self.deployer.desk(self.settings)._replace(**changes)

        def agree(destruction: Destruction, past: Past) -> Observer:
            self.shown.append(destruction)
            return onlooker or self.deployer.onlooker

        return destroy(desk, agree, delete_buckets=delete_buckets)

    def standing(self) -> list[str]:
        """Names of stacks that stand, nested ones and instances' too."""
        return stacks_of(self.account)

    def buckets(self) -> list[str]:
        """Names of all buckets of the account."""
        return [b["Name"] for b in self.account.client("s3").list_buckets()["Buckets"]]

    def leftovers(self) -> dict[str, str]:
        """What a new deploy would trip over: Region and name to remedy."""
        release = self.deployer.build(self.settings)
        aws = Aws()
        found = leftovers(aws, release, look(aws, release, self.account.id))
        assert aws.mutating_calls == 0
        return {f"{left.region} {left.name}": left.remedy for left in found}


def stacks_of(account: Account) -> list[str]:
    return [
        stack["StackName"]
        for region in REGIONS
        for page in account.client("cloudformation", region)
        .get_paginator("describe_stacks")
        .paginate()
        for stack in page["Stacks"]
    ]


# --- a whole platform, once ---------------------------------------------------------------------


class Destroyed(NamedTuple):
    """What was found before and after."""

    destroyer: Destroyer
    account: Account
    destruction: Destruction
    foreign: str
    leftovers_before: dict[str, str]


@pytest.fixture(scope="module")
def destroyed(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Destroyed]:
    """prod over two Regions, deployed and destroyed, beside a load balancer of somebody else's."""
    account = Account(sandbox, str(next(_accounts)))
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, value in account.environment().items():
            monkeypatch.setenv(name, value)
        deployer = Deployer(tmp_path_factory.mktemp("destroyed"))
        deployer.deploy(SETTINGS)
        destroyer = Destroyer(deployer, account, SETTINGS, [])
        before, foreign = destroyer.leftovers(), protected_elsewhere(account)
        yield Destroyed(destroyer, account, destroyer.destroy(), foreign, before)


def protected_elsewhere(account: Account) -> str:
    """Somebody else's load balancer in a network of their own, protected from deletion."""
    ec2, elbv2 = account.client("ec2", OTHER), account.client("elbv2", OTHER)
    vpc = ec2.create_vpc(CidrBlock="10.200.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.200.{n}.0/24")["Subnet"]["SubnetId"]
        for n in range(2)
    ]
    made = elbv2.create_load_balancer(Name="somebody-s", Subnets=subnets)["LoadBalancers"][0]
    protect(account, made["LoadBalancerArn"], "true")
    return str(made["LoadBalancerArn"])


def protect(account: Account, arn: str, value: str) -> None:
    account.client("elbv2", OTHER).modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": value}]
    )


def test_no_stack_and_no_stack_set_is_left(destroyed: Destroyed) -> None:
    assert stacks_of(destroyed.account) == []
    client = destroyed.account.client("cloudformation", HOME)
    assert client.list_stack_sets(Status="ACTIVE")["Summaries"] == []
    for region in REGIONS:
        groups = destroyed.account.client("autoscaling", region).describe_auto_scaling_groups()
        assert groups["AutoScalingGroups"] == []


@pytest.mark.parametrize("region", REGIONS)
def test_what_holds_data_is_there_still(destroyed: Destroyed, region: str) -> None:
    account = destroyed.account
    tables = account.client("dynamodb", region).list_tables()["TableNames"]
    assert set(tables) == {"gtm-prod-sessions", "gtm-prod-ranking"}
    vaults = account.client("backup", region).list_backup_vaults()["BackupVaultList"]
    assert "gtm-prod-tables" in {vault["BackupVaultName"] for vault in vaults}
    buckets = destroyed.destroyer.buckets()
    assert {n for n in buckets if n.endswith(region)} == {
        f"gtm-prod-logs-{account.id}-{region}",
        f"gtm-prod-artifacts-{account.id}-{region}",
    }


def test_what_stays_was_shown_with_its_id_and_why(destroyed: Destroyed) -> None:
    (shown,) = destroyed.destroyer.shown
    kept = {(k.region, k.type, k.path): k for k in shown.kept}
    zone = kept[HOME, "AWS::Route53::HostedZone", "HostedZone"]
    assert destroyed.account.client("route53").get_hosted_zone(Id=zone.physical)
    assert zone.why == "keeps the domain's delegation"
    table = kept[HOME, "AWS::DynamoDB::GlobalTable", "SessionsTable"]
    assert (table.physical, table.why) == (
        "gtm-prod-sessions",
        f"keeps its items, here and in {OTHER}",
    )
    cache = kept[OTHER, "AWS::ElastiCache::ReplicationGroup", "Cache/ReplicationGroup"]
    assert cache.why == "a last snapshot is made of it, and kept"
    for k in shown.kept:
        if k.type in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"):
            assert destroyed.account.client("kms", k.region).describe_key(KeyId=k.physical)


def test_only_our_own_load_balancers_lose_their_protection(destroyed: Destroyed) -> None:
    (shown,) = destroyed.destroyer.shown
    assert len(shown.protected) == len(REGIONS)
    assert destroyed.foreign not in shown.protected
    client = destroyed.account.client("elbv2", OTHER)
    left = client.describe_load_balancers()["LoadBalancers"]
    assert [balancer["LoadBalancerArn"] for balancer in left] == [destroyed.foreign]
    found = client.describe_load_balancer_attributes(LoadBalancerArn=destroyed.foreign)
    assert {"Key": "deletion_protection.enabled", "Value": "true"} in found["Attributes"]


def test_the_journal_tells_of_it_in_the_bucket_that_stays(destroyed: Destroyed) -> None:
    bucket = f"gtm-prod-artifacts-{destroyed.account.id}-{HOME}"
    client = destroyed.account.client("s3", HOME)
    found = client.get_object(Bucket=bucket, Key=f"gtm-prod/{LATEST}")
    steps = json.loads(found["Body"].read())["steps"]
    assert {entry["state"] for entry in steps.values()} == {"done"}
    assert f"storage@{HOME}/delete" in steps


def test_a_second_destruction_finds_nothing_and_asks_nobody(destroyed: Destroyed) -> None:
    again = destroyed.destroyer.destroy()
    assert again.is_nothing
    assert len(destroyed.destroyer.shown) == 1
    assert destroyed.destroyer.deployer.aws.mutating_calls == 0
    assert "gtm-prod-sessions" in {left.name for left in again.leftovers}


def test_leftovers_are_what_a_new_deploy_would_trip_over(destroyed: Destroyed) -> None:
    assert destroyed.leftovers_before == {}, "where all stands, nothing is to be created"
    account = destroyed.account.id
    found = destroyed.destroyer.leftovers()
    assert set(found) == {
        f"{HOME} example.com",
        f"{HOME} gtm-prod-sessions",
        f"{HOME} gtm-prod-ranking",
        f"{HOME} gtm-prod/origin-secret",
        *(f"{region} gtm-prod-tables" for region in REGIONS),
        *(f"{region} gtm-prod-logs-{account}-{region}" for region in REGIONS),
        *(f"{region} gtm-prod-artifacts-{account}-{region}" for region in REGIONS),
    }
    assert "domain.hosted_zone_id: Z" in found[f"{HOME} example.com"]
    assert f"--remove-replica-regions {OTHER}" in found[f"{HOME} gtm-prod/origin-secret"]


# --- what is refused ----------------------------------------------------------------------------


def nobody_asked(destruction: Destruction, past: Past) -> Observer:
    raise AssertionError("asked")


def disagree(destruction: Destruction, past: Past) -> Observer:
    raise Refused("not confirmed")


@pytest.fixture
def bystander(standing: Standing) -> Deployer:
    """Somebody at the platform that other tests need: nothing of it may go."""
    return Deployer(standing.checkout)


def test_whoever_holds_the_lease_is_not_disturbed(standing: Standing, bystander: Deployer) -> None:
    bucket = f"gtm-prod-artifacts-{standing.account.id}-{HOME}"
    client = standing.account.client("s3", HOME)
    lease = Lease(client, bucket, "gtm-prod/", "arn:of:another", lambda: None)
    with lease.held(), pytest.raises(Refused, match="arn:of:another"):
        destroy(bystander.desk(SETTINGS), nobody_asked)
    assert bystander.aws.mutating_calls == 0


def test_without_agreement_nothing_happens(bystander: Deployer) -> None:
    with pytest.raises(Refused, match="not confirmed"):
        destroy(bystander.desk(SETTINGS), disagree)
    assert bystander.aws.mutating_calls == 0


def test_what_moved_since_it_was_shown_is_not_deleted(
    standing: Standing, bystander: Deployer
) -> None:
    client = standing.account.client("cloudformation", OTHER)
    body = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}

    def agree_late(destruction: Destruction, past: Past) -> Observer:
        client.create_stack(
            StackName="gtm-prod-late",
            TemplateBody=json.dumps(body),
            Tags=[{"Key": PLATFORM_TAG, "Value": "gtm-prod"}],
        )
        client.get_waiter("stack_create_complete").wait(
            StackName="gtm-prod-late", WaiterConfig={"Delay": 0}
        )
        return Onlooker()

    try:
        with pytest.raises(Refused, match="something changed"):
            destroy(bystander.desk(SETTINGS), agree_late)
        assert "gtm-prod-regional" in stacks_of(standing.account)
    finally:
        client.delete_stack(StackName="gtm-prod-late")
        client.get_waiter("stack_delete_complete").wait(
            StackName="gtm-prod-late", WaiterConfig={"Delay": 0}
        )


# --- on the way ---------------------------------------------------------------------------------


@pytest.fixture
def destroyer(deployer: Deployer, account: Account) -> Destroyer:
    """With a platform of one Region, which is soon made."""
    deployer.deploy(SMALL)
    return Destroyer(deployer, account, SMALL, [])


def test_buckets_go_when_asked_for_with_all_their_versions(
    destroyer: Destroyer, account: Account
) -> None:
    client, foreign = account.client("s3", OTHER), f"somebody-s-{account.id}"
    client.put_object(Bucket=f"gtm-prod-logs-{account.id}-{OTHER}", Key="AWSLogs/a", Body=b"x")
    client.create_bucket(Bucket=foreign)
    destruction = destroyer.destroy(delete_buckets=True)
    assert destroyer.buckets() == [foreign]
    assert "AWS::S3::Bucket" not in {kept.type for kept in destruction.kept}
    assert destroyer.destroy(delete_buckets=True).is_nothing


def test_leaving_in_the_middle_is_finished_by_the_next_one(destroyer: Destroyer) -> None:
    stop = threading.Event()

    class Leaver(Onlooker):
        def started(self, step: Step) -> None:
            if step.id.startswith("regional@"):
                stop.set()

    with pytest.raises(Detached, match="run destroy again"):
        destroyer.destroy(stop=stop, onlooker=Leaver())
    assert "gtm-prod-database" in destroyer.standing()
    destroyer.destroy()
    assert destroyer.standing() == []


class Unheard(Aws):
    """As if somebody turned a load balancer's protection on again at once.

    `then` is called before the second deletion of its stack is asked for.
    """

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._then, self.deletions = then, 0

    def _open(self, service: str, region: str) -> Any:
        client = super()._open(service, region)
        events = client.meta.events
        if service == "elbv2":
            name = "before-call.elastic-load-balancing-v2.ModifyLoadBalancerAttributes"
            events.register(name, lambda **_: (AWSResponse("", 200, {}, None), {}))
        if service == "cloudformation":
            events.register("provide-client-params.cloudformation.DeleteStack", self._asked)
        return client

    def _asked(self, params: dict[str, str], **_: Any) -> None:
        if "stack/gtm-prod-regional/" in params["StackName"]:
            self.deletions += 1
            if self.deletions == 2:
                self._then()


def test_what_is_in_the_way_is_tried_twice_and_named_and_later_the_rest_goes(
    destroyer: Destroyer,
) -> None:
    aws = Unheard()
    with pytest.raises(RolloutFailed, match=r"us-east-1: LoadBalancer/LoadBalancer"):
        destroyer.destroy(aws=aws)
    assert aws.deletions == 2
    assert "gtm-prod-database" in destroyer.standing(), "nothing new began after the failure"
    destroyer.destroy()
    assert destroyer.standing() == []


def test_what_was_in_the_way_for_a_moment_only_is_no_failure(
    destroyer: Destroyer, account: Account
) -> None:
    def let_go() -> None:
        balancers = account.client("elbv2", OTHER).describe_load_balancers()["LoadBalancers"]
        for balancer in balancers:
            protect(account, balancer["LoadBalancerArn"], "false")

    aws = Unheard(let_go)
    destroyer.destroy(aws=aws)
    assert aws.deletions == 2
    assert destroyer.standing() == []


class Doomed(Aws):
    """Dies at the n-th deletion that it asks for: before it is sent, or when it was answered."""

    def __init__(self, event: str, deletion: int) -> None:
        super().__init__()
        self._event, self._left = event, deletion

    def _open(self, service: str, region: str) -> Any:
        client = super()._open(service, region)
        if service == "cloudformation":
            for operation in ("DeleteStack", "DeleteStackInstances", "DeleteStackSet"):
                client.meta.events.register(
                    f"{self._event}.cloudformation.{operation}", self._approach
                )
        return client

    def _approach(self, **_: Any) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def destroy_and_die(folder: Path, environment: dict[str, str], event: str, deletion: int) -> None:
    """Runs in a process of its own."""
    os.environ.update(environment)
    desk = Deployer(folder).desk(SMALL)._replace(aws=Doomed(event, deletion))
    destroy(desk, lambda destruction, past: Onlooker())


@pytest.mark.parametrize(
    ("event", "deletion"), [("response-received", 1), ("before-send", 4), ("response-received", 5)]
)
def test_a_destruction_that_was_killed_is_finished_by_the_next_one(
    destroyer: Destroyer, account: Account, event: str, deletion: int
) -> None:
    folder = destroyer.deployer.folder
    killed = exit_code(destroy_and_die, folder, account.environment(), event, deletion)
    assert killed == -signal.SIGKILL
    assert destroyer.standing() != []
    destroyer.destroy()
    assert destroyer.standing() == []
