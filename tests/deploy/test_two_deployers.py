"""One deployer at a time: the second is told who has the lease, and since when."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from generator.deploy.records import lease as leases
from generator.deploy.records.lease import Lease
from generator.errors import Refused
from tests.deploy.conftest import Deployer, pair
from tests.local_aws import Account
from tests.standing import Standing

BUCKET = "leases-{}"


def lease(
    account: Account, caller: str = "arn:aws:iam::1:role/somebody", bucket: str = BUCKET
) -> Lease:
    """A lease in a bucket of this account."""
    return Lease(account.client("s3"), bucket.format(account.id), "gtm-prod/", caller, lambda: None)


@pytest.fixture
def bucket(account: Account) -> Account:
    """An account that has a bucket for leases."""
    account.client("s3").create_bucket(Bucket=BUCKET.format(account.id))
    return account


def test_the_second_is_told_who_has_it_and_since_when(standing: Standing, tmp_path: Path) -> None:
    changed = pair(
        load_balancer={"algorithm": "round_robin"},
    )
    artifacts = standing.release.bucket_in(standing.release.home, standing.account.id)
    with (
        lease(standing.account, bucket=artifacts).held(),
        pytest.raises(Refused, match=r"another deploy has the lease: .*somebody.*since 20"),
    ):
        Deployer(tmp_path).deploy(changed)


def test_only_one_of_many_gets_it(bucket: Account) -> None:
    got, refused, over = [], [], threading.Event()
    line = threading.Barrier(8)

    def try_it(number: int) -> None:
        line.wait()
        try:
            with lease(bucket, f"arn:aws:iam::1:role/{number}").held():
                got.append(number)
                over.wait(10)
        except Refused:
            refused.append(number)
            if len(refused) == 7:
                over.set()

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1
    assert len(refused) == 7


def test_it_expires_when_its_holder_is_gone(
    bucket: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    dead = lease(bucket)
    dead._take()  # and nobody renews it
    monkeypatch.undo()
    with pytest.raises(Refused, match="the lease expires in"), lease(bucket).held():
        pass
    monkeypatch.setattr(leases, "SECONDS", -1.0)
    with lease(bucket).held():
        pass


def test_one_of_this_machine_that_died_is_not_waited_for(
    bucket: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.getpid", lambda: 2**22 - 7)
    lease(bucket)._take()
    monkeypatch.undo()
    with lease(bucket).held():
        pass
