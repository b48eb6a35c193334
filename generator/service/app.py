"""The parts, put together, and what begins and ends with the process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from .aws import Aws
from .cache import Cache
from .draining import Draining
from .gate import Gate
from .metrics import Metrics
from .origin_secret import OriginSecret
from .ranking import Ranking
from .readiness import Readiness
from .redis_client import SecretCredentials, connect
from .routes import Handlers
from .secrets import Secrets
from .sessions import Sessions
from .settings import Settings
from .table import Table
from .work import Work


@asynccontextmanager
async def running(settings: Settings, draining: Draining) -> AsyncIterator[Gate]:
    """The application of one process. Nothing is asked of anything yet: it starts without AWS."""
    metrics = Metrics(settings.metric_namespace, settings.platform, settings.region)
    aws, work = Aws(settings.region), Work()
    secrets = Secrets(aws)
    cache = _cache(settings, secrets, metrics)
    sessions = Table(aws, settings.sessions_table, metrics)
    ranking = Table(aws, settings.ranking_table, metrics)
    stores = Sessions(sessions, cache), Ranking(ranking, cache)
    router = Handlers(settings, *stores, work, Readiness(sessions, cache)).router()
    secret = OriginSecret(secrets, settings.origin_secret)
    async with _metrics_written(metrics):
        yield Gate(router, settings.health_path, secret, draining, metrics)
    await cache.close()
    aws.close()
    work.close()


@asynccontextmanager
async def _metrics_written(metrics: Metrics) -> AsyncIterator[None]:
    """A line a minute, and one at the end."""
    lines = asyncio.create_task(metrics.write_regularly(_write_line))
    yield
    lines.cancel()
    with suppress(asyncio.CancelledError):
        await lines


def _cache(settings: Settings, secrets: Secrets, metrics: Metrics) -> Cache:
    credentials = (
        SecretCredentials(secrets, settings.cache_secret) if settings.cache_secret else None
    )
    return Cache(connect(settings, credentials), credentials, metrics)


def _write_line(line: str) -> None:
    print(line, file=sys.stdout, flush=True)
