"""Every kind of valid optional section, on and off."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.settings.regions import REGIONS
from generator.settings.rules_options import WITHOUT_FIS
from tests.settings.sections import Data, Draw, some

CONNECTION = (
    "arn:aws:codeconnections:ap-northeast-2:111122223333:connection/"
    "aaaabbbb-1111-2222-3333-ccccddddeeee"
)


@st.composite
def options(draw: Draw, platform: Data) -> Data:
    """Any of the options that this platform can have."""
    can_switch = "domain" in platform and platform["domain"] and len(platform["regions"]) > 1
    every: dict[str, st.SearchStrategy[Any]] = {
        "aurora": aurora(),
        "load_generator": load_generator(),
        "pipeline": pipeline(platform["environment"]),
        "github_actions": github_actions(),
        "organization": organization(),
    }
    if not WITHOUT_FIS & {region["name"] for region in platform["regions"]}:
        every["chaos"] = some(minutes=st.integers(1, 60))
    if can_switch:
        every["region_switch"] = some(recovery_minutes=st.integers(1, 1440))
    return draw(some(**every))


@st.composite
def aurora(draw: Draw) -> Data:
    """The minimum never above the maximum."""
    least = draw(st.integers(1, 20)) / 2
    most = draw(st.integers(max(2, int(least * 2)), 512)) / 2
    return {"minimum_capacity": least, "maximum_capacity": most} | draw(
        some(
            instances=st.integers(1, 4),
            backup_retention_days=st.integers(1, 35),
            password_rotation_days=st.integers(1, 365),
            deletion_protection=st.booleans(),
        )
    )


def load_generator() -> st.SearchStrategy[Data]:
    """Regions of the platform's, or others."""
    anywhere = st.lists(st.sampled_from(sorted(REGIONS)), min_size=1, max_size=3, unique=True)
    return some(
        regions=anywhere,
        workers=st.integers(1, 50),
        longest_minutes=st.integers(1, 480),
        results_retention_days=st.integers(1, 3650),
        monthly_budget_usd=st.integers(1, 10000),
    )


@st.composite
def pipeline(draw: Draw, environment: str) -> Data:
    """It ends with the environment itself."""
    before = draw(st.lists(st.sampled_from(["first", "second"]), max_size=2, unique=True))
    names = [*(name for name in before if name != environment), environment]
    promotes = [{"environment": n} | draw(some(approval=st.booleans())) for n in names]
    return {
        "connection_arn": CONNECTION,
        "repository": "my-company/platform",
        "promotes": promotes,
    } | draw(some(branch=st.sampled_from(["main", "release/1"])))


def github_actions() -> st.SearchStrategy[Data]:
    """Of one repository."""
    more = some(branch=st.sampled_from(["main", "live"]), own_provider=st.booleans())
    return more.map(lambda data: {"repository": "my-company/platform"} | data)


def organization() -> st.SearchStrategy[Data]:
    """Units of one organization."""
    units = st.lists(
        st.sampled_from(["ou-ab12-cd34ef56", "ou-ab12-00000001"]), min_size=1, unique=True
    )
    more = some(delegated_administrator=st.booleans(), auto_deployment=st.booleans())
    return st.tuples(units, more).map(
        lambda pair: {"id": "o-a1b2c3d4e5", "organizational_units": pair[0]} | pair[1]
    )
