"""What the real service needs in two Regions: tables and secrets, as the platform's stacks say."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator import names
from generator.layers import database
from generator.layers.cache.users import APP_RIGHTS, USER
from generator.sandbox.data_plane.haproxy import TargetGroup
from generator.sandbox.data_plane.plane import Plan, Plane, running
from generator.sandbox.data_plane.valkey import User
from tests.layers.support import filled, over
from tests.local_aws import Account

HOME, OTHER = "ap-northeast-2", "us-east-1"
SETTINGS = over(HOME, OTHER)
ORIGIN_SECRET, PASSWORD = "of the origin", "of the cache"
GROUP = TargetGroup(interval=0.5, timeout=5.0, deregistration_delay=10.0)
"""Checked often, so that a loss is found soon; with patience, so that a busy machine is none."""
_TABLE = ("TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")


def make_stores(account: Account) -> None:
    """The global tables over both Regions, and the secrets in each."""
    template = filled(database.LAYER, SETTINGS)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::DynamoDB::GlobalTable":
            _make_table(account, resource["Properties"])
    for region in (HOME, OTHER):
        client = account.client("secretsmanager", region)
        for name, value in _secrets().items():
            client.create_secret(Name=name, SecretString=json.dumps(value))


def _make_table(account: Account, properties: dict[str, Any]) -> None:
    client = account.client("dynamodb", HOME)
    shape = {name: properties[name] for name in _TABLE if name in properties}
    stream = properties["StreamSpecification"] | {"StreamEnabled": True}
    client.create_table(**shape, BillingMode="PAY_PER_REQUEST", StreamSpecification=stream)
    change = [{"Create": {"RegionName": OTHER}}]
    client.update_table(TableName=shape["TableName"], ReplicaUpdates=change)


def _secrets() -> dict[str, dict[str, str]]:
    return {
        names.origin_secret(SETTINGS): {"value": ORIGIN_SECRET},
        names.cache_secret(SETTINGS): {"username": USER, "password": PASSWORD},
    }


@contextmanager
def serving(
    account: Account, folder: Path, region: str = HOME, instances: int = 2
) -> Iterator[Plane]:
    """A Region's data plane with the real service, configured as an instance is."""
    folder.mkdir(exist_ok=True)
    user = User(USER, PASSWORD, APP_RIGHTS)
    environment = account.environment(region) | _service_settings()
    with running(Plan(region, environment, instances, GROUP, user), folder) as plane:
        yield plane


def _service_settings() -> dict[str, str]:
    return {
        "PLATFORM": SETTINGS.prefix,
        "HEALTH_PATH": GROUP.health_path,
        "STATIC_PATH": "/static/",
        "KEEP_ALIVE_SECONDS": f"{GROUP.idle_timeout + 10:g}",
        "NOTICE_SECONDS": f"{math.ceil(GROUP.detection)}",
        "DRAIN_SECONDS": "10",
        "CACHE_SECRET": names.cache_secret(SETTINGS),
        "ORIGIN_SECRET": names.origin_secret(SETTINGS),
        "SESSIONS_TABLE": names.table(SETTINGS, "sessions"),
        "RANKING_TABLE": names.table(SETTINGS, "ranking"),
        "LOG_GROUP": names.service_log_group(SETTINGS),
        "METRIC_NAMESPACE": names.service_namespace(SETTINGS),
    }
