"""What a deployed Region tells its instances, for a data plane that stands in for them.

All of it is read from the Region's stacks as they stand, nothing from settings: what runs here is
configured by what was deployed.

    the launch template's user data    the service's environment, and which archive it is
    Secrets Manager                    who the service is to the cache; the origin secret
    the target group, its ALB          health checks, delays, algorithm
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import boto3

from generator.errors import SandboxError
from generator.sandbox.data_plane.haproxy import TargetGroup
from generator.sandbox.data_plane.valkey import User

_HERE_DOCUMENT = r"^cat >{path} <<'EOF'\n(.*?)^EOF$"
_INSTANCE, _SERVICE = "/etc/gtm/instance.env", "/etc/gtm/service.env"


class Deployed(NamedTuple):
    """A Region as its instances get to know it."""

    environment: dict[str, str]
    """What user data writes for the service."""
    group: TargetGroup
    user: User
    origin_secret: str
    archive: bytes
    """The service, as the launch template names it; verified by its checksum."""


def read(platform: str, region: str) -> Deployed:
    """The Region of the AWS that the environment points at.

    Raises SandboxError when the launch template names no archive, or the archive is another one.
    """
    session = boto3.Session(region_name=region)
    compute, front = (_nested(session, platform, name) for name in ("Compute", "LoadBalancer"))
    script = _user_data(session, compute["LaunchTemplate"])
    archive = _archive(session, _settings(script, _INSTANCE))
    service = _settings(script, _SERVICE)
    secret = _secret(session, service["CACHE_SECRET"])
    return Deployed(
        service,
        _target_group(session, front["TargetGroup"], front["LoadBalancer"]),
        User(secret["username"], secret["password"]),
        _secret(session, service["ORIGIN_SECRET"])["value"] if service["ORIGIN_SECRET"] else "",
        archive,
    )


def unpack(archive: bytes, folder: Path) -> Path:
    """The archive's executable `run`, after unpacking all of it into `folder`."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder / "run"


def _nested(session: boto3.Session, platform: str, layer: str) -> dict[str, str]:
    """Physical ids in a layer's stack, by logical id."""
    client = session.client("cloudformation")
    root = _resources(client, f"{platform}-regional")
    return _resources(client, root[layer])


def _resources(client: Any, stack: str) -> dict[str, str]:
    found = client.describe_stack_resources(StackName=stack)["StackResources"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in found}


def _user_data(session: boto3.Session, template: str) -> str:
    versions = session.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template, Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    return base64.b64decode(versions[0]["LaunchTemplateData"]["UserData"]).decode()


def _settings(script: str, path: str) -> dict[str, str]:
    """The `KEY=value` lines that a script writes to a file."""
    pattern = _HERE_DOCUMENT.format(path=re.escape(path))
    found = re.search(pattern, script, re.DOTALL | re.MULTILINE)
    if found is None:
        raise SandboxError(f"the deployed user data writes no {path}")
    pairs = (line.partition("=") for line in found[1].splitlines())
    return {name: value for name, _, value in pairs}


def _secret(session: boto3.Session, name: str) -> dict[str, str]:
    found = session.client("secretsmanager").get_secret_value(SecretId=name)
    values: dict[str, str] = json.loads(found["SecretString"])
    return values


def _target_group(session: boto3.Session, group: str, balancer: str) -> TargetGroup:
    client = session.client("elbv2")
    found = client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"][0]
    own = client.describe_target_group_attributes(TargetGroupArn=group)["Attributes"]
    fronts = client.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    values = {each["Key"]: each["Value"] for each in [*own, *fronts]}
    return TargetGroup(
        health_path=found["HealthCheckPath"],
        interval=found["HealthCheckIntervalSeconds"],
        timeout=found["HealthCheckTimeoutSeconds"],
        healthy_threshold=found["HealthyThresholdCount"],
        unhealthy_threshold=found["UnhealthyThresholdCount"],
        deregistration_delay=float(values["deregistration_delay.timeout_seconds"]),
        idle_timeout=float(values["idle_timeout.timeout_seconds"]),
        algorithm=values["load_balancing.algorithm.type"],
    )


def _archive(session: boto3.Session, instance: dict[str, str]) -> bytes:
    if not instance["ARTIFACT_KEY"]:
        raise SandboxError(
            "the deployed instances run what their image brings: there is no archive"
        )
    bucket, _, key = instance["ARTIFACT_URI"].removeprefix("s3://").partition("/")
    body: bytes = session.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    digest = hashlib.sha256(body).hexdigest()
    if digest != instance["ARTIFACT_SHA256"]:
        raise SandboxError(
            f"{instance['ARTIFACT_URI']} has the checksum {digest}, and the launch template "
            f"asks for {instance['ARTIFACT_SHA256']}"
        )
    return body
