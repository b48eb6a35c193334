"""Imported by the process that others are forked from, and by nothing else.

A rollout's modules and the models of its services are read there once.
"""

from __future__ import annotations

import gc

from generator.deploy.aws import Aws
from tests.deploy import conftest  # noqa: F401
from tests.deploy.calls import services

_aws = Aws()
for _service in services():
    _aws.client(_service, "us-east-1")
gc.freeze()  # Python's advice for what is shared with forked processes
