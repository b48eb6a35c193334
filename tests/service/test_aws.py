"""What AWS does not answer holds up nobody else, and no more than it has to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import pytest

from generator.service import aws
from generator.service.problems import Unavailable


@contextmanager
def service_that_hangs() -> Iterator[tuple[aws.Aws, Event]]:
    calls, answer = aws.Aws("eu-west-1"), Event()
    try:
        yield calls, answer
    finally:
        answer.set()
        calls.close()


def test_a_call_without_an_answer_ends_and_its_thread_counts_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aws, "DEADLINE_SECONDS", 0.05)
    monkeypatch.setattr(aws, "MOST_CALLS", 2)

    async def ask(calls: aws.Aws, answer: Event) -> None:
        for _ in range(2):
            with pytest.raises(Unavailable, match="does not answer in time"):
                await calls.call(answer.wait)
        with pytest.raises(Unavailable, match="too many"):
            await calls.call(dict)
        answer.set()
        while calls.waiting:
            await asyncio.sleep(0.01)
        assert await calls.call(dict, a=1) == {"a": 1}

    with service_that_hangs() as (calls, answer):
        asyncio.run(ask(calls, answer))


def test_what_a_call_raises_is_raised() -> None:
    async def ask(calls: aws.Aws) -> None:
        with pytest.raises(ZeroDivisionError):
            await calls.call(lambda: 1 / 0)

    with service_that_hangs() as (calls, _):
        asyncio.run(ask(calls))
