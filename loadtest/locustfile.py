"""What Locust runs: `locust -f loadtest/locustfile.py`, told by the environment (`target`).

With its web page, headless, alone, as master or as worker. The environment is read, and a host
refused, before a process of Locust does anything.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from locust import events
from locust.env import Environment

from generator.errors import GtmError
from loadtest.harness import Harness
from loadtest.mounting import ProfileShape, mount
from loadtest.target import HTTP_TARGETS, Load, load_from
from loadtest.users.base import FINISH_WITHIN_SECONDS, cast


def _load() -> Load:
    try:
        return load_from(os.environ)
    except GtmError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)


def _let_users_finish(environment: Environment, **_: Any) -> None:
    """Whatever --stop-timeout says: no request is to end untold. Masters pass it on to workers."""
    environment.stop_timeout = max(environment.stop_timeout, FINISH_WITHIN_SECONDS)


# Neither the page, which starts loads without asking who is there, nor a master is offered to the
# network unless somebody says so.
os.environ.setdefault("LOCUST_WEB_HOST", "127.0.0.1")
os.environ.setdefault("LOCUST_MASTER_BIND_HOST", "127.0.0.1")

harness = Harness(_load())
events.init.add_listener(_let_users_finish)
mount(harness, events)
ProfileShape.harness = harness

# Locust takes the users that it finds in this module.
if harness.load.target in HTTP_TARGETS:
    from loadtest.users.connections import keep_connections
    from loadtest.users.http import Heavy, Player, Reader, reason

    keep_connections()
    cast(harness.load, harness.pacer, Heavy, Player, Reader)
elif harness.load.target == "table":
    from loadtest.users.table import TableUser, reason

    cast(harness.load, harness.pacer, TableUser)
else:
    from loadtest.users.base import reason
    from loadtest.users.cache import CacheUser

    cast(harness.load, harness.pacer, CacheUser)
harness.recorder.reason = reason
