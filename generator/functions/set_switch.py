"""Step of an ARC Region switch plan: set a Region's evacuation switch, and wait until it is set.

It runs in a Region that takes users, and writes into the CloudWatch of the one that is switched.
Before it takes a Region out it looks whether another one serves (Route 53 sends users everywhere
when none is healthy), and whether the database's writer has left.
"""

import logging
import os
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)

WAIT_SECONDS = 240
LOOK_SECONDS = 10
VALUE_SECONDS = 60  # The alarm's period: the highest value in it counts, so a 0 may be lost.
QUICK = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Raise where the switch must not be set or is not obeyed in time: the step fails then."""
    here = os.environ["AWS_REGION"]
    region = os.environ.get("EVACUATED_REGION", here)
    evacuate = "EVACUATED_REGION" in os.environ
    if evacuate:
        refuse_the_last(here, region)
        if "GLOBAL_DATABASE" in os.environ:
            refuse_the_writer(here, region)
    wanted = "ALARM" if evacuate else "OK"
    set_switch(region, 1.0 if evacuate else 0.0, wanted)
    LOG.info("%s: the switch is %s", region, wanted)
    return {"region": region, "switch": wanted}


def refuse_the_last(here: str, leaving: str) -> None:
    """Raise unless this Region is another one, and serves its own users well."""
    if here == leaving:
        raise RuntimeError(f"{here} is evacuated from another Region, one that takes its users")
    if switch(here) in ("ALARM", "missing"):
        raise RuntimeError(f"{here} is evacuated itself: nobody would serve what {leaving} leaves")
    name = os.environ["IMPAIRED_ALARM_ARN"].split(":alarm:")[1]
    if state(here, name, "CompositeAlarm") == "ALARM":
        raise RuntimeError(f"{here} hurts its own users now ({name}): {leaving} stays in service")


def refuse_the_writer(here: str, leaving: str) -> None:
    """Raise where Aurora takes writes in the Region to leave."""
    name = os.environ["GLOBAL_DATABASE"]
    rds = client("rds", here)
    found = asked(rds.describe_global_clusters, GlobalClusterIdentifier=name) or {}
    for database in found.get("GlobalClusters", []):
        for each in database["GlobalClusterMembers"]:
            if each["IsWriter"] and f":{leaving}:" in each["DBClusterArn"]:
                raise RuntimeError(f"{name} takes writes in {leaving}: move its writer first")


def set_switch(region: str, value: float, wanted: str) -> None:
    """Write the value each minute until the alarm agrees."""
    began, written = time.monotonic(), float("-inf")
    while True:
        now = time.monotonic()
        if now - written >= VALUE_SECONDS:
            write(region, value)
            written = now
        if switch(region) == wanted:
            return
        if now - began >= WAIT_SECONDS:
            raise TimeoutError(f"{region}: {value:g} is written, and its switch is not {wanted}")
        time.sleep(LOOK_SECONDS)


def write(region: str, value: float) -> None:
    """One value of the metric that the Region's switch reads."""
    metric = {
        "MetricName": os.environ["SWITCH_METRIC"],
        "Dimensions": [{"Name": "Region", "Value": region}],
        "Value": value,
    }
    namespace = os.environ["SWITCH_NAMESPACE"]
    client("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=[metric])


def switch(region: str) -> str:
    """The state of a Region's switch."""
    return state(region, os.environ["SWITCH_ALARM"], "MetricAlarm")


def state(region: str, name: str, kind: str) -> str:
    """The state of an alarm; `missing` where there is none, `unknown` where nobody answers."""
    look = client("cloudwatch", region).describe_alarms
    found = asked(look, AlarmNames=[name], AlarmTypes=[kind])
    if found is None:
        return "unknown"
    alarms = found[f"{kind}s"]
    return str(alarms[0]["StateValue"]) if alarms else "missing"


def asked(call: Any, **what: Any) -> Any:
    """The answer, or None: what can't be seen keeps nobody from leaving a broken Region."""
    try:
        return call(**what)
    except (BotoCoreError, ClientError):
        LOG.exception("no answer about %s", what)
        return None


def client(service: str, region: str) -> Any:
    """One that does not hang on a Region that is down."""
    return boto3.client(service, region_name=region, config=QUICK)
