"""What all tests share: no test asserts on wall time, so no example may fail by being slow.

In CI hypothesis draws the same examples every time (its own `ci` profile, kept here); elsewhere it
draws new ones with each run.
"""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.local_aws", "tests.standing"]

settings.register_profile(
    "house", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")

# A shell that runs us in the background has SIGINT ignored, and so would our children: some tests
# press Ctrl-C in one.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: tests that wait for a server leave theirs to others."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest test begins first, or one process would work on it alone at the end."""
    items.sort(key=lambda item: item.path.name != "test_make.py")
