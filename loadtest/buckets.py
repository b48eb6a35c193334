"""Counts of latencies in buckets whose bounds grow by 1 %: small, and merged without any loss.

    bucket 0          below a microsecond; told as 0
    bucket n > 0      from 1.01^(n-1) µs up to 1.01^n µs; told as the value that is nearest to both

A percentile is that of its rank (the smallest latency that at least so many are not above), and
within 0.5 % of it, since (1.01 - 1) / (1.01 + 1) < 0.005. Counts of several processes add up to
what one process would have counted. After https://arxiv.org/abs/1908.10693 (DDSketch).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import log

GROWTH = 1.01
PER_MILLE = (500, 750, 900, 950, 990, 999)
"""The percentiles of a row, p50 to p99.9, in thousandths: whole numbers have exact ranks."""
_PER_E_FOLD = 1.0 / log(GROWTH)
_NEAREST = 2.0 * GROWTH / (GROWTH + 1.0) / 1000.0


def bucket_of(milliseconds: float) -> int:
    """The bucket that a latency belongs to."""
    microseconds = milliseconds * 1000.0
    return int(log(microseconds) * _PER_E_FOLD) + 1 if microseconds >= 1.0 else 0


def latency_of(bucket: int) -> float:
    """What a bucket is told as, in milliseconds."""
    return float(GROWTH ** (bucket - 1)) * _NEAREST if bucket else 0.0


def percentiles(
    counts: Mapping[int, int], longest: float, per_mille: Iterable[int] = PER_MILLE
) -> list[float]:
    """Latencies (ms) of these ranks, in ascending order; none is above the `longest` seen."""
    total, found, below = sum(counts.values()), [], 0
    buckets = iter(sorted(counts))
    bucket = 0
    for share in per_mille:
        rank = -(-total * share // 1000)
        while below < rank:
            bucket = next(buckets)
            below += counts[bucket]
        found.append(min(latency_of(bucket), longest) if total else 0.0)
    return found
