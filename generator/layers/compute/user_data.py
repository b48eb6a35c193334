"""What an instance does at its first boot: values from the stack, then a script, always the same.

The script is `user_data.sh` behind `layers/booting.sh`; `layers/booting.py` puts them together. The
values reach it as two files, which stay on the instance:

    /etc/gtm/service.env    for the service: its port, cache, tables; names of secrets, never values
    /etc/gtm/instance.env   for the scripts: the stack to signal, the hooks to complete, the archive

The service is an archive (.tar.gz) with an executable `run` at its top, which is started there as
the user `gtm` with service.env as its environment. It listens on PORT, answers HEALTH_PATH with
200, keeps idle connections for KEEP_ALIVE_SECONDS, and logs to its standard output. On SIGTERM it
answers HEALTH_PATH with 503, serves on for the NOTICE_SECONDS that the load balancer may need to
notice, and ends within DRAIN_SECONDS. A `prepare` beside `run` is run once before, as root: for
packages of the system. Without an archive the image may bring the same in /opt/gtm/current.
"""

from __future__ import annotations

from pathlib import Path

from troposphere import Base64

from generator import names
from generator.layers import booting, cache, root
from generator.layers.draft import Draft, Expression, Tunable
from generator.settings.model import Settings

SCRIPT = Path(__file__).with_name("user_data.sh")
ARTIFACT_KEY, ARTIFACT_SHA256 = "ArtifactKey", "ArtifactSha256"
"""Parameters: empty in a template, which anyone may launch, and filled where a build packs a
service."""

DRAIN_HOOK = "drain"
LAUNCH_HOOK = "launch"
READY_SECONDS = 300
"""How long a service may take to answer its health path after boot."""
NOTICE_MARGIN_SECONDS = 5
"""What a load balancer may need beside its checks, whose interval is approximate."""
FINISHING_SECONDS = 10
"""What a stopping service has for its last requests, when the load balancer sends no more."""
STOP_MARGIN_SECONDS = 5
"""What a stopping service needs after its last answer."""
KEEP_ALIVE_MARGIN_SECONDS = 10
"""A service that closes an idle connection before the load balancer does makes it answer 502."""


def user_data(draft: Draft, group_title: str) -> Base64:
    """The user data of an instance of the group with this logical id."""
    files = {
        "/etc/gtm/instance.env": _instance_settings(draft, group_title),
        "/etc/gtm/service.env": _service_settings(draft),
    }
    return booting.user_data(files, _stack_values(draft), SCRIPT)


def stop_seconds(settings: Settings) -> int:
    """How long a stopping service may take before it is killed."""
    return _drain_seconds(settings) + STOP_MARGIN_SECONDS


def _stack_values(draft: Draft) -> dict[str, Expression]:
    """What is known only when the stack is deployed."""
    return {
        "Bucket": draft.need(root.ARTIFACT_BUCKET),
        "Prefix": draft.need(root.ARTIFACT_PREFIX),
        "Cache": draft.need(cache.CACHE_ENDPOINT),
        "Key": draft.tune(_artifact_key()),
        "Sha256": draft.tune(_artifact_sha256()),
    }


def _instance_settings(draft: Draft, group_title: str) -> dict[str, object]:
    settings = draft.settings
    return {
        "STACK": "${AWS::StackName}",
        "RESOURCE": group_title,
        "LAUNCH_HOOK": LAUNCH_HOOK if settings.compute.warm_pool else "",
        "DRAIN_HOOK": DRAIN_HOOK,
        "DEREGISTRATION_SECONDS": settings.load_balancer.deregistration_delay_seconds,
        "READY_SECONDS": READY_SECONDS,
        "STOP_SECONDS": stop_seconds(settings),
        "ARTIFACT_KEY": "${Key}",
        "ARTIFACT_URI": "s3://${Bucket}/${Prefix}${Key}",
        "ARTIFACT_SHA256": "${Sha256}",
    }


def _service_settings(draft: Draft) -> dict[str, object]:
    settings = draft.settings
    idle = settings.load_balancer.idle_timeout_seconds
    tables = {f"{name.upper()}_TABLE": names.table(settings, name) for name in names.TABLES}
    return {
        "AWS_REGION": "${AWS::Region}",
        "PLATFORM": settings.prefix,
        "PORT": settings.compute.application_port,
        "HEALTH_PATH": settings.load_balancer.health_check_path,
        "STATIC_PATH": settings.edge.static_path,
        "KEEP_ALIVE_SECONDS": idle + KEEP_ALIVE_MARGIN_SECONDS,
        "NOTICE_SECONDS": _notice_seconds(settings),
        "DRAIN_SECONDS": _drain_seconds(settings),
        "CACHE_HOST": "${Cache}",
        "CACHE_PORT": cache.PORT,
        "CACHE_TLS": "true",
        "CACHE_CLUSTER": "true" if settings.cache.shards > 1 else "false",
        "CACHE_SECRET": names.cache_secret(settings),
        "ORIGIN_SECRET": names.origin_secret(settings) if settings.edge.enabled else "",
        **tables,
        "LOG_GROUP": names.service_log_group(settings),
        "METRIC_NAMESPACE": names.service_namespace(settings),
    }


def _drain_seconds(settings: Settings) -> int:
    return _notice_seconds(settings) + FINISHING_SECONDS


def _notice_seconds(settings: Settings) -> int:
    """Until the load balancer has found an instance unhealthy that nobody deregistered.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    checks = settings.load_balancer
    noticed = checks.health_check_interval_seconds * checks.unhealthy_threshold_count
    return noticed + NOTICE_MARGIN_SECONDS


def _artifact_key() -> Tunable:
    return Tunable(
        ARTIFACT_KEY,
        "Service archive",
        "Key of the service's archive (.tar.gz), below the artifact prefix. Empty: what the image "
        "brings, or a small built-in page.",
        default="",
        pattern=r"^[A-Za-z0-9._/=+@-]{0,512}$",
        cost="Free, but for what the archive takes in S3.",
    )


def _artifact_sha256() -> Tunable:
    return Tunable(
        ARTIFACT_SHA256,
        "SHA-256 of the archive",
        "In lower-case hexadecimal digits; an instance refuses to start another archive.",
        default="",
        pattern=r"^([0-9a-f]{64})?$",
        cost="Free.",
    )
