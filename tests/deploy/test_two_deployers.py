"""One deployer at a time: the second is told who has the lease, and since when."""

from __future__ import annotations

import threading

import pytest

from generator.deploy import lease as leases
from generator.deploy.lease import Lease
from generator.errors import Refused
from tests.deploy.conftest import Deployer, prod
from tests.local_aws import Account

HOME = "ap-northeast-2"


def lease(account: Account, caller: str = "arn:aws:iam::1:role/somebody") -> Lease:
    """A lease of prod in this account."""
    bucket = f"gtm-prod-artifacts-{account.id}-{HOME}"
    return Lease(account.client("s3", HOME), bucket, "gtm-prod/", caller, lambda: None)


def test_the_second_is_told_who_has_it_and_since_when(deployer: Deployer, account: Account) -> None:
    deployer.deploy(prod())
    changed = prod(load_balancer={"algorithm": "round_robin"})
    with (
        lease(account).held(),
        pytest.raises(Refused, match=r"another deploy has the lease: .*somebody.*since 20"),
    ):
        deployer.deploy(changed)
    deployer.deploy(changed)


def test_only_one_of_many_gets_it(deployer: Deployer, account: Account) -> None:
    deployer.deploy(prod())
    got, refused, over = [], [], threading.Event()
    line = threading.Barrier(8)

    def try_it(number: int) -> None:
        line.wait()
        try:
            with lease(account, f"arn:aws:iam::1:role/{number}").held():
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
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.deploy(prod())
    monkeypatch.setattr("socket.gethostname", lambda: "another-machine")
    dead = lease(account)
    dead._take()  # and nobody renews it
    monkeypatch.undo()
    with pytest.raises(Refused, match="the lease expires in"), lease(account).held():
        pass
    monkeypatch.setattr(leases, "SECONDS", -1.0)
    with lease(account).held():
        pass


def test_one_of_this_machine_that_died_is_not_waited_for(
    deployer: Deployer, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployer.deploy(prod())
    monkeypatch.setattr("os.getpid", lambda: 2**22 - 7)
    lease(account)._take()
    monkeypatch.undo()
    with lease(account).held():
        pass
