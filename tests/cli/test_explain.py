"""`explain encryption`: the map of an environment on the screen."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_it_shows_each_kind_and_the_exceptions(gtm: Run) -> None:
    done = gtm("explain", "encryption", "--env", "dev")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    for title in ("Exceptions", "Stores", "Logs", "Topics and queues", "Links", "Keys"):
        assert title in lines
    cache = next(line for line in lines if "ElastiCache nodes" in line)
    assert "`security/DataKey`" in cache
    assert "every 365 days" in cache
    origin = next(line for line in lines if "origin `home`" in line)
    assert "HTTP, not encrypted" in origin
