"""The connection to the Region's cache: TLS, its user, one node or a cluster.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/BestPractices.Clients.redis.html
"""

from __future__ import annotations

from typing import Any, TypeAlias

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as Disconnected

from .problems import Unavailable
from .secrets import Secrets
from .settings import Settings

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 0.5
"""A node in the same Region answers within a millisecond; what takes longer comes from DynamoDB."""

Client: TypeAlias = Redis | RedisCluster


class SecretCredentials(CredentialProvider):
    """User and password from Secrets Manager, kept until the cache refuses them."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets, self._name = secrets, name
        self._known: tuple[str, str] | None = None

    async def get_credentials_async(self) -> tuple[str, str]:
        """Raises Unavailable."""
        if self._known is None:
            found = await self._secrets.read(self._name, ["username", "password"])
            if found is None:
                raise Unavailable("a secret is missing", "cache secret")
            self._known = (found.values["username"], found.values["password"])
        return self._known

    def forget(self) -> None:
        """They were refused: the password was changed."""
        self._known = None


def connect(settings: Settings, credentials: SecretCredentials | None) -> Client:
    """A client that connects when it is first used.

    A lost connection is made anew once, at once; more is the circuit breaker's to decide. RESP2, as
    RESP3 brings nothing that is used here, and redis-py asks for Redis' own extensions with it.
    """
    options: dict[str, Any] = {
        "host": settings.cache_host,
        "port": settings.cache_port,
        "credential_provider": credentials,
        "protocol": 2,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 1, (Disconnected,)),
    }
    if settings.cache_tls:
        # Certificates and names are checked: redis-py's default, where ssl is on.
        options |= {"ssl": True, "ssl_ca_certs": settings.cache_ca_file or None}
    return RedisCluster(**options) if settings.cache_cluster else Redis(**options)
