"""What the service is told by its environment, checked all at once before anything starts.

User data writes these variables on an instance, the data plane where there is none. The endpoint
of AWS is not among them: botocore reads AWS_ENDPOINT_URL itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The environment, read."""

    region: str
    platform: str
    host: str
    port: int
    workers: int
    health_path: str
    static_path: str
    keep_alive_seconds: int
    """An idle connection is kept this long: longer than the load balancer keeps it."""
    drain_seconds: int
    """Most seconds between SIGTERM and the end."""
    notice_seconds: int
    """Seconds within which load balancers notice by the health path that it is leaving."""
    cache_host: str
    cache_port: int
    cache_tls: bool
    cache_cluster: bool
    cache_secret: str
    """Name of a secret with `username` and `password`; empty where the cache asks for none."""
    cache_ca_file: str
    """Certificates to trust instead of the system's; empty for those."""
    origin_secret: str
    """Name of a secret with `value`, which every request has to carry; empty: none has to."""
    sessions_table: str
    ranking_table: str
    metric_namespace: str


class BadEnvironment(Exception):
    """All faults of the environment, a line each."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises BadEnvironment."""
    reader = _Reader(environment)
    settings = Settings(
        region=reader.text("AWS_REGION"),
        platform=reader.text("PLATFORM"),
        host=reader.text("HOST", "0.0.0.0"),
        port=reader.number("PORT", 1, 65535),
        workers=reader.number("WORKERS", 1, 256, os.cpu_count() or 1),
        health_path=reader.path("HEALTH_PATH"),
        static_path=reader.path("STATIC_PATH").rstrip("/") + "/",
        keep_alive_seconds=reader.number("KEEP_ALIVE_SECONDS", 1, 4100),
        drain_seconds=reader.number("DRAIN_SECONDS", 2, 3600),
        notice_seconds=reader.number("NOTICE_SECONDS", 0, 3600),
        cache_host=reader.text("CACHE_HOST"),
        cache_port=reader.number("CACHE_PORT", 1, 65535),
        cache_tls=reader.flag("CACHE_TLS"),
        cache_cluster=reader.flag("CACHE_CLUSTER"),
        cache_secret=reader.text("CACHE_SECRET", ""),
        cache_ca_file=reader.text("CACHE_CA_FILE", ""),
        origin_secret=reader.text("ORIGIN_SECRET", ""),
        sessions_table=reader.text("SESSIONS_TABLE"),
        ranking_table=reader.text("RANKING_TABLE"),
        metric_namespace=reader.text("METRIC_NAMESPACE"),
    )
    if reader.faults:
        raise BadEnvironment("\n".join(reader.faults))
    return settings


class _Reader:
    """Reads on after a fault, so that a person is told of all of them."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.faults: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """As it stands. Without a default it has to be there, and not be empty."""
        value = self._environment.get(name, "") or default
        if value is None:
            self.faults.append(f"{name} is missing")
        return value or ""

    def path(self, name: str) -> str:
        return self._parsed(name, None, "/", _path, "a path: it starts with / and has no spaces")

    def flag(self, name: str) -> bool:
        return self._parsed(name, None, False, {"true": True, "false": False}.__getitem__, _FLAG)

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        def parse(text: str) -> int:
            value = int(text)
            if not least <= value <= most:
                raise ValueError
            return value

        return self._parsed(name, default, least, parse, f"a whole number from {least} to {most}")

    def _parsed(
        self,
        name: str,
        default: Value | None,
        instead: Value,
        parse: Callable[[str], Value],
        wanted: str,
    ) -> Value:
        """The value; `instead` of a faulty one, for the rest to be read too."""
        text = self._environment.get(name, "")
        if not text and default is not None:
            return default
        if not text:
            self.faults.append(f"{name} is missing: {wanted}")
            return instead
        try:
            return parse(text)
        except (KeyError, ValueError):
            self.faults.append(f"{name} is {text!r}, and has to be {wanted}")
            return instead


_FLAG = "true or false"


def _path(text: str) -> str:
    if not text.startswith("/") or any(character.isspace() for character in text):
        raise ValueError
    return text
