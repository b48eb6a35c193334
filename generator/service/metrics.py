"""What CloudWatch is told: a log line a minute, from which CloudWatch Logs makes metrics.

    Requests, Errors (answered with 5xx), Latency (milliseconds, in the service, without waiting
    for a connection), CacheFallbacks (reads and writes that had to do without Redis),
    TableThrottles (calls that DynamoDB refused after all retries)

Each process of each instance writes its own line; CloudWatch adds them up under Platform, Region.
Latencies are told as values and how often each occurred, with the statistics of all of them, as
AWS's collector for OpenTelemetry tells a histogram: so CloudWatch knows percentiles too.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
https://github.com/open-telemetry/opentelemetry-collector-contrib/pull/22626
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

EVERY_SECONDS = 60
UNITS = {
    "Requests": "Count",
    "Errors": "Count",
    "Latency": "Milliseconds",
    "CacheFallbacks": "Count",
    "TableThrottles": "Count",
}
_STEP = math.log(1.15)
_LEAST, _MOST = 1e-4, 60.0
"""Latencies are told to 7 %, in seconds from here to there: fewer than the 100 values of a line."""
_SERVER_ERROR = 500


class Metrics:
    """Counts, and a line of them."""

    def __init__(self, namespace: str, platform: str, region: str) -> None:
        self._namespace = namespace
        self._dimensions = {"Platform": platform, "Region": region}
        self._latencies: Counter[int] = Counter()
        self._seconds = 0.0
        self.errors = self.cache_fallbacks = self.table_throttles = 0

    def request(self, status: int, seconds: float) -> None:
        """A request was answered."""
        self._seconds += seconds
        self._latencies[round(math.log(min(max(seconds, _LEAST), _MOST)) / _STEP)] += 1
        if status >= _SERVER_ERROR:
            self.errors += 1

    def line(self) -> str:
        """What was counted since the last line, in the embedded metric format."""
        document = {"_aws": self._directive(), **self._dimensions, **self._values()}
        self._latencies.clear()
        self._seconds = 0.0
        self.errors = self.cache_fallbacks = self.table_throttles = 0
        return json.dumps(document)

    async def write_regularly(self, write: Callable[[str], object]) -> None:
        """A line a minute, and a last one when it is cancelled."""
        try:
            while True:
                await asyncio.sleep(EVERY_SECONDS)
                write(self.line())
        finally:
            write(self.line())

    def _directive(self) -> dict[str, Any]:
        told = self._values()
        metrics = [{"Name": name, "Unit": unit} for name, unit in UNITS.items() if name in told]
        directive = {
            "Namespace": self._namespace,
            "Dimensions": [list(self._dimensions)],
            "Metrics": metrics,
        }
        return {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}

    def _values(self) -> dict[str, Any]:
        """Without requests there is no latency to tell: an empty one is refused."""
        requests = self._latencies.total()
        values: dict[str, Any] = {"Requests": requests, "Errors": self.errors}
        if requests:
            values["Latency"] = self._latency()
        return values | {
            "CacheFallbacks": self.cache_fallbacks,
            "TableThrottles": self.table_throttles,
        }

    def _latency(self) -> dict[str, Any]:
        buckets = sorted(self._latencies.items())
        values = [float(f"{math.exp(bucket * _STEP) * 1000:.3g}") for bucket, _ in buckets]
        counts = [count for _, count in buckets]
        return {
            "Values": values,
            "Counts": counts,
            "Min": values[0],
            "Max": values[-1],
            "Sum": round(self._seconds * 1000, 3),
            "Count": sum(counts),
        }
