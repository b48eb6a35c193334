"""The origin secret while it is changed: no request is refused that the edge has sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator

import pytest

from generator.service import origin_secret
from generator.service.aws import Aws
from generator.service.origin_secret import OriginSecret
from generator.service.problems import Forbidden, Unavailable
from generator.service.secrets import Secrets
from tests.local_aws import Account

REGION = "eu-west-1"
NAME = "gtm-test/origin-secret"

Change = Callable[..., None]
Check = Callable[[Callable[[OriginSecret], Coroutine[None, None, None]]], None]


@pytest.fixture
def change(account: Account) -> Change:
    """Sets the secret; the last one becomes the previous."""
    client = account.client("secretsmanager", REGION)

    def put(value: str, key: str = "value") -> None:
        text = json.dumps({key: value})
        try:
            client.put_secret_value(SecretId=NAME, SecretString=text)
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=NAME, SecretString=text)

    return put


@pytest.fixture
def check(account: Account, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    """Does something with an OriginSecret that reads from the sandbox."""
    for name, value in account.sandbox.variables(account.id, REGION).items():
        monkeypatch.setenv(name, value)
    aws = Aws(REGION)
    secret = OriginSecret(Secrets(aws), NAME)
    yield lambda ask: asyncio.run(ask(secret))
    aws.close()


def test_old_and_new_are_good_after_a_change(change: Change, check: Check) -> None:
    change("first")

    async def ask(secret: OriginSecret) -> None:
        await secret.check(b"first")
        change("second")
        await secret.check(b"first")
        await asyncio.gather(*(secret.check(b"second") for _ in range(5)))
        await secret.check(b"first")
        change("third")
        await secret.check(b"third")
        with pytest.raises(Forbidden):
            await secret.check(b"first")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(origin_secret, "REREAD_SECONDS", 0.0)
        check(ask)


def test_the_old_one_is_not_good_for_ever(change: Change, check: Check) -> None:
    """It may have been changed because somebody else knows it."""
    change("old")
    change("new")

    async def ask(secret: OriginSecret) -> None:
        await secret.check(b"new")
        with pytest.raises(Forbidden):
            await secret.check(b"old")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(origin_secret, "OVERLAP_SECONDS", 0.0)
        check(ask)


def test_strangers_do_not_make_us_ask(change: Change, check: Check) -> None:
    change("first")

    async def ask(secret: OriginSecret) -> None:
        await secret.check(b"first")
        change("second")
        with pytest.raises(Forbidden):
            await secret.check(b"second")

    check(ask)


def test_what_can_not_be_checked_is_not_let_in(check: Check, change: Change) -> None:
    """Nor refused for good: the secret may be there in a moment."""

    async def ask(secret: OriginSecret) -> None:
        with pytest.raises(Unavailable):
            await secret.check(b"first")

    check(ask)


def test_a_previous_one_that_can_not_be_read_takes_nothing_from_the_current(
    change: Change, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is good as soon as it can be."""
    change("not as it should be", key="other")
    change("new")
    monkeypatch.setattr(origin_secret, "RETRY_SECONDS", 0.0)

    async def ask(secret: OriginSecret) -> None:
        await secret.check(b"new")
        with pytest.raises(Forbidden):
            await secret.check(b"not as it should be")
        change("newer")
        await secret.check(b"newer")
        await secret.check(b"new")

    check(ask)
