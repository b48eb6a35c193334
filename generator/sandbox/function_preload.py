"""What functions find done when they are forked: imported by the process they come from only.

It keeps modules, and the API models that botocore reads from its own files; no credentials, Region
or endpoint: a function's session takes those from its own environment.
"""

from __future__ import annotations

import functools
import gc
import urllib.request  # noqa: F401

import boto3
import botocore.session

import generator.sandbox.server  # noqa: F401  multiprocessing gives each the server's main module

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
boto3.Session().client(
    "ec2", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
)
gc.freeze()  # Python's advice for what is shared with forked processes
