"""The one door to AWS: typed enough, retried rightly, counted.

Throttling and transient faults are retried by botocore's standard mode, with exponential backoff
and jitter; what AWS means for good is answered at once.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import boto3
from botocore.config import Config

ATTEMPTS = 8
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    user_agent_appid="global-traffic-management",
)
READS = ("Describe", "Get", "List", "Head", "Detect", "Validate")


class Aws:
    """Clients of one account, made once a service and Region, and a count of their calls."""

    def __init__(self, session: boto3.Session | None = None, config: Config = CONFIG) -> None:
        self._session, self._config = session or boto3.Session(), config
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        """Requests sent, retries included, by `service:Operation`."""

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a Region; safe to use from many threads."""
        with self._lock:
            key = (service, region)
            if key not in self._clients:
                self._clients[key] = self._open(service, region)
            return self._clients[key]

    def account(self, region: str) -> str:
        """The account of the credentials in use."""
        return str(self.client("sts", region).get_caller_identity()["Account"])

    def caller(self, region: str) -> str:
        """Who the credentials say one is, without the key."""
        return str(self.client("sts", region).get_caller_identity()["Arn"])

    @property
    def mutating_calls(self) -> int:
        """Requests that change something."""
        return sum(n for name, n in self.calls.items() if not _is_read(name))

    def _open(self, service: str, region: str) -> Any:
        client = self._session.client(service, region_name=region, config=self._config)
        client.meta.events.register("before-send", self._count)
        return client

    def _count(self, request: Any, event_name: str = "", **_: Any) -> None:
        _, service, operation = event_name.split(".")
        with self._lock:
            self.calls[f"{service}:{operation}"] += 1


def _is_read(name: str) -> bool:
    return name.partition(":")[2].startswith(READS)
