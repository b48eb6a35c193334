"""What a load is and where it goes, as the environment of Locust has it, and whether it may.

    LOADTEST_PROFILE         a profile's name or file; `steady` when it is left out
    LOADTEST_TARGET          edge (the default), origin, table or cache
    LOADTEST_HOST            edge, origin: https://host[:port]; cache: host:port; table: not read
    LOADTEST_ALLOWED         hosts besides the profile's, with commas between: the stacks' outputs
    LOADTEST_ENVIRONMENT     whose stacks these are, for who looks later at what AWS did meanwhile
    LOADTEST_ORIGIN_SECRET   origin: the value of X-Origin-Secret; empty where none is asked for
    LOADTEST_PREFIX          table: what the tables' names begin with, as in gtm-dev
    AWS_REGION               table: whose replica
    LOADTEST_CACHE_USERNAME  cache: who; empty where nobody is asked
    LOADTEST_CACHE_PASSWORD  cache: their password
    LOADTEST_CACHE_TLS       cache: true (the default) or false
    LOADTEST_CACHE_CLUSTER   cache: true where it has several shards, else false (the default)
    LOADTEST_STATIC_PATH     edge, origin: where static files are; /static/ when it is left out
    LOADTEST_SHARE           a part of the load, as 2/3, where several places make it together
    LOADTEST_OUT             the folder of what the run leaves behind; nothing is kept without one

So plain `locust -f loadtest/locustfile.py` is told the same as a load that we start, and so is a
load generator in AWS. Secrets stay in the environment: no argument, file or log has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit

from generator.errors import Refused, UsageError
from loadtest.profile import DEFAULT, Profile, find_profile, load_profile
from loadtest.sections import Target
from loadtest.sharing import WHOLE, Share, read_share

TARGETS: tuple[Target, ...] = get_args(Target)
HTTP_TARGETS = ("edge", "origin")
PROGRESS = "LOADTEST_PROGRESS"
"""Set by `running` only: the file descriptor of a pipe on which it reads along."""
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True)
class Load:
    """A profile and where it is aimed. Its text shows no secret."""

    profile: Profile
    target: Target = "edge"
    host: str = ""
    allowed: tuple[str, ...] = ()
    environment: str = ""
    """Whose stacks it is aimed at; empty where at none."""
    origin_secret: str = field(default="", repr=False)
    prefix: str = ""
    region: str = ""
    cache_username: str = ""
    cache_password: str = field(default="", repr=False)
    cache_tls: bool = True
    cache_cluster: bool = False
    static_path: str = "/static/"
    share: Share | None = None
    """Which part of it this is; None where one place makes all of it."""
    out: Path | None = None

    @property
    def address(self) -> str:
        """What has to be allowed: the host's name, or the tables' prefix."""
        return self.prefix if self.target == "table" else host_name(self.host)

    @property
    def where(self) -> str:
        """The host, or whose tables where, for people."""
        return f"{self.prefix} in {self.region}" if self.target == "table" else self.host

    @property
    def cache_address(self) -> tuple[str, int]:
        """Host and port of a cache."""
        parts = urlsplit(f"//{self.host}")
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def check(self, host: str | None = None) -> None:
        """Raises Refused unless `host` (ours, when None) is one that the load may be aimed at."""
        address = self.address if host is None else host_name(host)
        named = {_normal(name) for name in (*self.profile.hosts, *self.allowed)}
        if _normal(address) not in named:
            raise Refused(
                f"{address or 'a host without a name'} is named neither in the profile "
                f"{self.profile.name} nor in the stacks' outputs\n"
                f"    add it to hosts in {self.profile.path.as_posix()} if it is yours to load"
            )

    def variables(self) -> dict[str, str]:
        """The environment that `load_from` reads this load from."""
        return {
            "LOADTEST_PROFILE": str(self.profile.path.resolve()),
            "LOADTEST_TARGET": self.target,
            "LOADTEST_HOST": self.host,
            "LOADTEST_ALLOWED": ",".join(self.allowed),
            "LOADTEST_ENVIRONMENT": self.environment,
            "LOADTEST_ORIGIN_SECRET": self.origin_secret,
            "LOADTEST_PREFIX": self.prefix,
            "LOADTEST_CACHE_USERNAME": self.cache_username,
            "LOADTEST_CACHE_PASSWORD": self.cache_password,
            "LOADTEST_CACHE_TLS": str(self.cache_tls).lower(),
            "LOADTEST_CACHE_CLUSTER": str(self.cache_cluster).lower(),
            "LOADTEST_STATIC_PATH": self.static_path,
            "LOADTEST_SHARE": str(self.share or ""),
            "LOADTEST_OUT": str(self.out.resolve()) if self.out else "",
            **({"AWS_REGION": self.region} if self.region else {}),
        }


def load_from(environment: Mapping[str, str]) -> Load:
    """The load that an environment describes; UsageError with all its faults, or Refused."""
    values = _Values(environment)
    faults = [*values.faults()]
    if faults:
        raise UsageError("\n".join(faults))
    load = values.load()
    load.check()
    return load


def host_name(host: str) -> str:
    """The name or address in a URL or host:port; empty where there is none."""
    try:
        return urlsplit(host if "//" in host else f"//{host}").hostname or ""
    except ValueError:
        return ""


def _normal(name: str) -> str:
    return name.lower().rstrip(".")


class _Values:
    """The environment's variables, before they are known to be right."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.target = self.get("LOADTEST_TARGET", "edge")

    def get(self, name: str, default: str = "") -> str:
        return self._environment.get(name, "").strip() or default

    def faults(self) -> Iterator[str]:
        """What is missing or wrong, each with what is allowed."""
        if self.target not in TARGETS:
            yield f"LOADTEST_TARGET: found {self.target}\n    one of {', '.join(TARGETS)}"
        if self.target in HTTP_TARGETS:
            yield from self._faulty_url()
        if self.target == "table":
            yield from self._missing("LOADTEST_PREFIX", "AWS_REGION")
        if self.target == "cache":
            yield from self._faulty_cache()
        yield from self._neither_true_nor_false("LOADTEST_CACHE_TLS", "LOADTEST_CACHE_CLUSTER")
        yield from self._faulty_share()
        try:
            find_profile(self.get("LOADTEST_PROFILE", DEFAULT))
        except UsageError as error:
            yield f"LOADTEST_PROFILE: {error}"

    def load(self) -> Load:
        out, share = self.get("LOADTEST_OUT"), self.get("LOADTEST_SHARE")
        return Load(
            profile=load_profile(find_profile(self.get("LOADTEST_PROFILE", DEFAULT))),
            target=cast(Target, self.target),
            host=self.get("LOADTEST_HOST").rstrip("/"),
            allowed=tuple(filter(None, map(str.strip, self.get("LOADTEST_ALLOWED").split(",")))),
            environment=self.get("LOADTEST_ENVIRONMENT"),
            origin_secret=self.get("LOADTEST_ORIGIN_SECRET"),
            prefix=self.get("LOADTEST_PREFIX"),
            region=self.get("AWS_REGION"),
            cache_username=self.get("LOADTEST_CACHE_USERNAME"),
            cache_password=self.get("LOADTEST_CACHE_PASSWORD"),
            cache_tls=_TRUTH[self.get("LOADTEST_CACHE_TLS", "true")],
            cache_cluster=_TRUTH[self.get("LOADTEST_CACHE_CLUSTER", "false")],
            static_path=self.get("LOADTEST_STATIC_PATH", "/static/").rstrip("/") + "/",
            share=read_share(share) if share else None,
            out=Path(out) if out else None,
        )

    def _faulty_share(self) -> Iterator[str]:
        try:
            read_share(self.get("LOADTEST_SHARE", str(WHOLE)))
        except UsageError as error:
            yield f"LOADTEST_SHARE: {error}"

    def _missing(self, *names: str) -> Iterator[str]:
        for name in names:
            if not self.get(name):
                yield f"{name}: missing\n    a load of {self.target} needs it"

    def _faulty_url(self) -> Iterator[str]:
        host = self.get("LOADTEST_HOST")
        if not _is_url(host):
            found = f"found {host}" if host else "missing"
            yield f"LOADTEST_HOST: {found}\n    http:// or https://, a host, a port if need be"

    def _faulty_cache(self) -> Iterator[str]:
        host = self.get("LOADTEST_HOST")
        if not _has_port(host):
            found = f"found {host}" if host else "missing"
            yield f"LOADTEST_HOST: {found}\n    host:port of the cache"

    def _neither_true_nor_false(self, *names: str) -> Iterator[str]:
        for name in names:
            if (found := self.get(name, "false")) not in _TRUTH:
                yield f"{name}: found {found}\n    true or false"


def _is_url(host: str) -> bool:
    """Only a scheme, a host and a port: user, path and query would end up in logs and rows."""
    try:
        parts = urlsplit(host)
        rest = (parts.username, parts.password, parts.path.strip("/"), parts.query, parts.fragment)
        named = bool(parts.hostname) and parts.port != 0
        return parts.scheme in ("http", "https") and named and not any(rest)
    except ValueError:
        return False


def _has_port(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        return bool(parts.hostname and parts.port) and parts.netloc == host and "@" not in host
    except ValueError:
        return False
