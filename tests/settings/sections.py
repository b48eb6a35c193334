"""Every kind of valid section, for tests.settings.strategies to put together."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

Data = dict[str, Any]
Draw = st.DrawFn

WORDS = st.from_regex(r"[a-z][a-z0-9]{1,9}", fullmatch=True)
RETENTION = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827]
TYPES = {
    "arm64": ["m7g.large", "m6g.large", "t4g.small", "c7gn.xlarge", "r8gd.2xlarge", "a1.large"],
    "x86_64": ["m7i.large", "m6a.large", "t3.small", "c7i-flex.large", "g5.xlarge", "m5n.large"],
}
EMAILS = ["ops@example.com", "on-call@example.com", "alerts+gtm@example.co.kr"]


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Data]:
    """Any of these keys: left out, a key has its default."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def load_balancer(draw: Draw) -> Data:
    """Slow start with round robin only."""
    algorithm: Data = draw(
        st.sampled_from(
            [
                {},
                {"algorithm": "least_outstanding_requests"},
                {"algorithm": "round_robin", "slow_start_seconds": draw(st.integers(30, 900))},
                {"algorithm": "round_robin", "slow_start_seconds": 0},
            ]
        )
    )
    return algorithm | draw(
        some(
            idle_timeout_seconds=st.integers(1, 4000),
            deregistration_delay_seconds=st.integers(0, 3600),
            health_check_path=st.sampled_from(["/healthz", "/", "/a/b.c_d~e-f"]),
            health_check_interval_seconds=st.integers(5, 300),
            healthy_threshold_count=st.integers(2, 10),
            unhealthy_threshold_count=st.integers(2, 10),
            deletion_protection=st.booleans(),
        )
    )


@st.composite
def compute(draw: Draw) -> Data:
    """Types of the architecture; Spot with two or more, and never with a warm pool."""
    architecture = draw(st.sampled_from(sorted(TYPES)))
    types = st.lists(st.sampled_from(TYPES[architecture]), min_size=1, max_size=4, unique=True)
    chosen = draw(types)
    data = {"architecture": architecture, "instance_types": chosen}
    pools = [{}, {"warm_pool": True, "spot_percent": 0}, {"warm_pool": False}]
    if len(chosen) > 1:
        pools.append({"spot_percent": draw(st.integers(1, 100))})
    services = [{}, {"service": "image", "image": "/images/service"}, {"service": "mine.tar.gz"}]
    return (
        data
        | draw(st.sampled_from(pools))
        | draw(st.sampled_from(services))
        | draw(
            some(
                root_volume_gib=st.integers(8, 1024),
                application_port=st.integers(1024, 65535),
                health_check_grace_seconds=st.integers(0, 7200),
                warm_up_seconds=st.integers(0, 3600),
            )
        )
    )


@st.composite
def cache(draw: Draw) -> Data:
    """At most 500 nodes."""
    shards = draw(st.integers(1, 3) | st.just(90))
    replicas = draw(st.integers(0, 5 if shards < 90 else 4))  # at most 500 nodes
    return {"shards": shards, "replicas_per_shard": replicas} | draw(
        some(
            engine=st.sampled_from(["valkey", "redis"]),
            node_type=st.sampled_from(["cache.t4g.micro", "cache.r7g.large"]),
            snapshot_retention_days=st.integers(0, 35),
        )
    )


def database(consistency: str) -> st.SearchStrategy[Data]:
    """On demand or provisioned."""
    return some(
        provisioned=st.none() | _provisioned(),
        backup_retention_days=st.integers(0, 365),
        deletion_protection=st.booleans(),
    ).map(lambda data: data | {"consistency": consistency})


@st.composite
def _provisioned(draw: Draw) -> Data:
    minimum = draw(st.integers(1, 100))
    return {
        "minimum_units": minimum,
        "maximum_units": draw(st.integers(max(minimum, 1), 40000)),
    } | draw(some(target_percent=st.integers(20, 90)))


@st.composite
def edge(draw: Draw, has_domain: bool) -> Data:
    """Off only where a domain gives users TLS."""
    if has_domain and draw(st.booleans()):
        return {"enabled": False}
    return draw(
        some(
            enabled=st.just(True),
            price_class=st.sampled_from(["PriceClass_100", "PriceClass_200", "PriceClass_All"]),
            origin_shield=st.booleans(),
            static_path=st.sampled_from(["/static/", "/assets/v1/"]),
            web_acl=st.none() | _web_acl(),
        )
    )


def _web_acl() -> st.SearchStrategy[Data]:
    countries = st.sampled_from(["KP", "NO", "AQ"])  # NO is false to a careless YAML reader
    return some(
        requests_per_five_minutes=st.integers(10, 2_000_000_000),
        bot_control=st.booleans(),
        blocked_countries=st.lists(countries, max_size=3, unique=True),
    )


def monitoring() -> st.SearchStrategy[Data]:
    """Decimals are sometimes whole numbers, as people write them."""
    return some(
        emails=st.lists(st.sampled_from(EMAILS), max_size=3, unique=True),
        latency_warning_seconds=st.sampled_from([0.05, 0.5, 1, 2.5, 60]),
        error_warning_percent=st.sampled_from([0.1, 1, 5.5, 100]),
        monthly_budget_usd=st.integers(0, 100_000),
        anomaly_detection=st.booleans(),
    )


@st.composite
def scaling(draw: Draw) -> Data:
    """A ladder that rises from 0 and ends at 100 % or below."""
    threshold = draw(st.integers(20, 95))
    above = st.integers(1, min(60, 100 - threshold))
    rungs = [0, *sorted(draw(st.lists(above, max_size=5, unique=True)))]
    add = st.integers(1, 200)
    ladder = {"steps": [{"above_percent": rung, "add_percent": draw(add)} for rung in rungs]}
    default_fits = threshold + 20 <= 100
    data = {"cpu_threshold_percent": threshold} | (
        {} if default_fits and draw(st.booleans()) else ladder
    )
    return data | draw(
        some(
            requests_per_target_per_minute=st.integers(1, 1_000_000),
            minimum_step_instances=st.integers(1, 100),
            predictive=st.booleans(),
        )
    )


def common() -> st.SearchStrategy[Data]:
    """What no relation reads."""
    keys = st.sampled_from(["team", "cost-center", "a:b/c"])
    nat = st.sampled_from(["per_zone", "single"])
    return some(
        project=WORDS,
        log_retention_days=st.sampled_from(RETENTION),
        tags=st.dictionaries(keys, st.sampled_from(["x", "on", "012", "é 1"]), max_size=3),
        network=some(nat=nat, interface_endpoints=st.booleans()),
    )
