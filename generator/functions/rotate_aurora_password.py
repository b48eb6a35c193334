"""Rotation: a new password for Aurora's administrator, set through the RDS API.

Secrets Manager calls it once a step. By the API alone it needs no driver and no way into the data
subnets. The cluster to change is the one that takes writes, wherever it is.
"""

import json
import logging
import os
import time
from typing import Any

import boto3

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)
PASSWORD_LENGTH = 64
POLL_SECONDS, POLLS, CALM_POLLS = 10, 24, 6


def handler(event: dict[str, Any], context: Any) -> None:
    """Do one step. Asked for again it does no harm; where it raises, Secrets Manager retries."""
    secrets = boto3.client("secretsmanager")
    secret, version = event["SecretId"], event["ClientRequestToken"]
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"].get(version, [])
    if "AWSCURRENT" in stages:
        LOG.info("%s is current already", version)
    elif "AWSPENDING" not in stages:
        raise ValueError(f"version {version} of {secret} is not pending")
    else:
        STEPS[event["Step"]](secrets, secret, version)
        LOG.info("%s is done", event["Step"])


def create(secrets: Any, secret: str, version: str) -> None:
    """Make the password, once: a retry must find the one that the cluster may have already."""
    try:
        pending(secrets, secret, version)
    except secrets.exceptions.ResourceNotFoundException:
        value = json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])
        made = secrets.get_random_password(PasswordLength=PASSWORD_LENGTH, ExcludePunctuation=True)
        secrets.put_secret_value(
            SecretId=secret,
            ClientRequestToken=version,
            SecretString=json.dumps(value | {"password": made["RandomPassword"]}),
            VersionStages=["AWSPENDING"],
        )


def change(secrets: Any, secret: str, version: str) -> None:
    """Give it to the cluster that takes writes; RDS hands it on to the others."""
    rds, cluster = writer()
    password = json.loads(pending(secrets, secret, version))["password"]
    rds.modify_db_cluster(
        DBClusterIdentifier=cluster, MasterUserPassword=password, ApplyImmediately=True
    )


def test(secrets: Any, secret: str, version: str) -> None:
    """Wait until RDS has been at work and is done, or calm for a minute."""
    rds, cluster = writer()
    began = False
    for poll in range(POLLS):
        found = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
        waiting = "MasterUserPassword" in found.get("PendingModifiedValues", {})
        if waiting or found["Status"] != "available":
            began = True
        elif began or poll >= CALM_POLLS:
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{cluster} did not take the password in time")


def finish(secrets: Any, secret: str, version: str) -> None:
    """From now on this is the password."""
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    secrets.update_secret_version_stage(
        SecretId=secret,
        VersionStage="AWSCURRENT",
        MoveToVersionId=version,
        RemoveFromVersionId=next(v for v, names in stages.items() if "AWSCURRENT" in names),
    )


STEPS = {"createSecret": create, "setSecret": change, "testSecret": test, "finishSecret": finish}


def pending(secrets: Any, secret: str, version: str) -> str:
    """The secret's text as it will be."""
    asked = {"SecretId": secret, "VersionId": version, "VersionStage": "AWSPENDING"}
    text: str = secrets.get_secret_value(**asked)["SecretString"]
    return text


def writer() -> tuple[Any, str]:
    """The cluster that takes writes: a client of its Region, and its identifier."""
    name = os.environ["GLOBAL_CLUSTER"]
    found = boto3.client("rds").describe_global_clusters(GlobalClusterIdentifier=name)
    members = found["GlobalClusters"][0]["GlobalClusterMembers"]
    arn = next(member["DBClusterArn"] for member in members if member["IsWriter"])
    return boto3.client("rds", region_name=arn.split(":")[3]), arn.rpartition(":")[2]
