"""The one door to AWS: typed enough, retried rightly, counted.

Throttling and transient faults are retried by botocore's standard mode, with exponential backoff
and jitter; what AWS means for good is answered at once. That mode knows error codes, not services,
and so takes two lasting faults for passing ones: LimitExceededException, which is throttling
elsewhere and a used-up quota in CloudFormation, and a certificate that is not trusted.
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import boto3
from botocore.config import Config

from generator.deploy.failures import is_untrusted
from generator.deploy.places import SELF
from generator.errors import UsageError

ATTEMPTS = 8
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
    user_agent_appid="global-traffic-management",
)
QUOTA_CODES = {("cloudformation", "LimitExceededException")}
READS = ("Describe", "Get", "List", "Head", "Detect", "Validate")


class Aws:
    """Clients of one account, made once a service and Region, and a count of their calls."""

    def __init__(self, session: boto3.Session | None = None, config: Config = CONFIG) -> None:
        self._session, self._config = session or boto3.Session(), config
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        """Requests sent, retries included, by `service:Operation`."""

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a Region; safe to use from many threads."""
        return self._client(service, region, "")

    def stack_sets(self, region: str, call_as: str) -> Any:
        """A client of CloudFormation whose calls about stack sets say `CallAs`, where they must."""
        return self._client("cloudformation", region, "" if call_as == SELF else call_as)

    def _client(self, service: str, region: str, call_as: str) -> Any:
        with self._lock:
            key = (service, region, call_as)
            if key not in self._clients:
                self._clients[key] = self._open(service, region)
                if call_as:
                    _say(self._clients[key], call_as)
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
        try:
            client = self._session.client(service, region_name=region, config=self._config)
        except ValueError as error:
            if not str(error).startswith("Invalid endpoint"):
                raise
            raise UsageError(
                f"{error}\n    set AWS_ENDPOINT_URL to a whole URL, or unset it"
            ) from None
        client.meta.events.register("before-send", self._count)
        # The first answer to this event counts: `False` is said before the retries are asked.
        name = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"needs-retry.{name}", _no_more_if_lasting)
        return client

    def _count(self, request: Any, event_name: str = "", **others: Any) -> None:
        _, service, operation = event_name.split(".")
        with self._lock:
            self.calls[f"{service}:{operation}"] += 1


def _say(client: Any, call_as: str) -> None:
    """Say in whose place it asks, in every call that can say it."""

    def add(params: dict[str, Any], model: Any, **_: Any) -> None:
        if model.input_shape and "CallAs" in model.input_shape.members:
            params["CallAs"] = call_as

    client.meta.events.register("provide-client-params.cloudformation", add)


def _is_read(name: str) -> bool:
    return name.partition(":")[2].startswith(READS)


def _no_more_if_lasting(
    operation: Any, response: Any, caught_exception: Exception | None, **_: Any
) -> bool | None:
    """Handler of `needs-retry`: False ends the tries, None leaves it to the standard mode."""
    if response is not None:
        code = response[1].get("Error", {}).get("Code")
        return False if (operation.service_model.service_name, code) in QUOTA_CODES else None
    return False if is_untrusted(caught_exception) else None
