"""The fault-injecting proxy does what it says, so that tests behind it mean something."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.aws_wire import Call
from tests.faults import EVERY, FaultProxy, Kind, Schedule
from tests.local_aws import Account, session

TEMPLATE = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
SERVICES = {
    "cloudformation": lambda c: c.describe_stacks(),
    "s3": lambda c: c.list_buckets(),
    "sts": lambda c: c.get_caller_identity(),
    "cloudwatch": lambda c: c.describe_alarms(),
    "dynamodb": lambda c: c.list_tables(),
    "route53": lambda c: c.list_hosted_zones(),
}


def client(proxy: FaultProxy, account: Account, service: str, tries: int = 1) -> Any:
    """A client whose way leads through the proxy."""
    return session().client(
        service,
        region_name="eu-west-1",
        endpoint_url=proxy.url,
        aws_access_key_id=account.id,
        aws_secret_access_key="test",
        config=Config(read_timeout=5, retries={"mode": "standard", "total_max_attempts": tries}),
    )


def always(kind: Kind, *operations: str, in_a_row: int = 1) -> Schedule:
    """Each first try meets this fault."""
    return Schedule(rate=1.0, kinds=(kind,), in_a_row=in_a_row, operations=operations)


@pytest.mark.parametrize("service", SERVICES)
def test_without_faults_it_is_not_there(account: Account, service: str) -> None:
    with FaultProxy(account.sandbox.endpoint) as proxy:
        direct = SERVICES[service](account.client(service, "eu-west-1"))
        behind = SERVICES[service](client(proxy, account, service))
    assert {**behind, "ResponseMetadata": 0} == {**direct, "ResponseMetadata": 0}


def test_objects_pass_whole(account: Account) -> None:
    with FaultProxy(account.sandbox.endpoint) as proxy:
        s3 = client(proxy, account, "s3")
        where = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
        s3.create_bucket(Bucket=f"b-{account.id}", **where)
        s3.put_object(Bucket=f"b-{account.id}", Key="k", Body=b"\x00\xff" * 100_000)
        assert s3.head_object(Bucket=f"b-{account.id}", Key="k")["ContentLength"] == 200_000
        found = s3.get_object(Bucket=f"b-{account.id}", Key="k")["Body"].read()
    assert found == b"\x00\xff" * 100_000


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Kind.THROTTLED, ("Throttling", "SlowDown")),
        (Kind.BROKEN, ("InternalFailure", "InternalError")),
        (Kind.UNAVAILABLE, ("ServiceUnavailable",)),
    ],
)
def test_each_service_refuses_in_its_own_protocol(
    account: Account, service: str, kind: Kind, codes: tuple[str, ...]
) -> None:
    with (
        FaultProxy(account.sandbox.endpoint, always(kind)) as proxy,
        pytest.raises(ClientError) as told,
    ):
        SERVICES[service](client(proxy, account, service))
    assert told.value.response["Error"]["Code"] in codes


@pytest.mark.parametrize(("kind", "made"), [(Kind.RESET, False), (Kind.LOST, True)])
def test_a_cut_connection_before_and_after_the_work(
    account: Account, kind: Kind, made: bool
) -> None:
    with (
        FaultProxy(account.sandbox.endpoint, always(kind)) as proxy,
        pytest.raises(BotoCoreError, match="Connection"),
    ):
        client(proxy, account, "cloudformation").create_stack(
            StackName="cut", TemplateBody=TEMPLATE
        )
    stacks = account.client("cloudformation", "eu-west-1").describe_stacks()["Stacks"]
    assert bool(stacks) is made


@pytest.mark.parametrize("kind", EVERY)
def test_who_tries_again_gets_through(account: Account, kind: Kind) -> None:
    with FaultProxy(account.sandbox.endpoint, always(kind, in_a_row=1)) as proxy:
        client(proxy, account, "sts", tries=3).get_caller_identity()
    assert proxy.met == {kind: 1}
    assert proxy.calls == {"GetCallerIdentity": 1 if kind is Kind.SLOW else 2}


def test_the_same_seed_is_the_same_schedule() -> None:
    call = Call("POST", "/", {}, b"", "1", "eu-west-1", "cloudformation", "CreateStack", 1, {})

    def drawn(seed: int) -> list[Kind | None]:
        return [Schedule(seed, rate=0.5).fault(call, number) for number in range(50)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 10 < len([fault for fault in drawn(1) if fault]) < 40


def test_a_new_stack_is_not_seen_at_first(account: Account) -> None:
    with FaultProxy(account.sandbox.endpoint, unseen=2) as proxy:
        behind = client(proxy, account, "cloudformation")
        made = behind.create_stack(StackName="new", TemplateBody=TEMPLATE)["StackId"]
        for name in ("new", made):
            with pytest.raises(ClientError, match="does not exist"):
                behind.describe_stacks(StackName=name)
        assert behind.describe_stacks(StackName=made)["Stacks"]
    assert proxy.hidden == 2


def test_a_list_lacks_the_newest_at_first(account: Account) -> None:
    with FaultProxy(account.sandbox.endpoint, unseen=1) as proxy:
        account.client("cloudformation", "eu-west-1").create_stack(
            StackName="old", TemplateBody=TEMPLATE
        )
        behind = client(proxy, account, "cloudformation")
        behind.create_stack(StackName="new", TemplateBody=TEMPLATE)
        seen = [
            sorted(stack["StackName"] for stack in behind.describe_stacks()["Stacks"])
            for _ in range(2)
        ]
    assert seen == [["old"], ["new", "old"]]


def test_a_stack_is_described_as_before_its_update_at_first(account: Account) -> None:
    with FaultProxy(account.sandbox.endpoint, unseen=1) as proxy:
        direct = account.client("cloudformation", "eu-west-1")
        direct.create_stack(StackName="s", TemplateBody=TEMPLATE)
        direct.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
        behind = client(proxy, account, "cloudformation")
        behind.describe_stacks(StackName="s")
        behind.update_stack(StackName="s", TemplateBody=TEMPLATE, Tags=[{"Key": "k", "Value": "v"}])
        first, second = (behind.describe_stacks(StackName="s")["Stacks"][0] for _ in range(2))
    assert first["StackStatus"] == "CREATE_COMPLETE"
    assert second["StackStatus"].startswith("UPDATE_")
