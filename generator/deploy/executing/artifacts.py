"""Templates and archives in the artifact bucket of a Region, under names that say their content.

So a file that is there need not be uploaded again, and a nested stack whose template changed has
another address. (CloudFormation does not update a nested stack whose address stays.)
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from generator.deploy.context import Context
from generator.deploy.executing.objects import read_object
from generator.deploy.steps import UploadStep


def upload(context: Context, step: UploadStep) -> None:
    """Put the files of a step that are not there yet.

    A name says its content, but whoever may write to the bucket may lie: what lies there is read
    and compared, for CloudFormation will make it with more rights than the uploader has.
    """
    client = context.aws.client("s3", step.region)
    bucket = bucket_in(context, step.region)
    present = _present(client, bucket, context.release.key_prefix)
    for name in step.files:
        key = context.release.key_prefix + name
        content = context.content(name)
        lies = read_object(client, bucket, key) if key in present else None
        if lies is None or lies.content != content:
            client.put_object(Bucket=bucket, Key=key, Body=content, ContentType=_kind(name))


def _kind(name: str) -> str:
    return "application/json" if name.endswith(".json") else "application/gzip"


def bucket_in(context: Context, region: str) -> str:
    """The Region's artifact bucket."""
    return context.release.bucket_in(region, context.plan.account)


def address(context: Context, region: str, name: str) -> str:
    """TemplateURL of an uploaded file.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    """
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    key = context.release.key_prefix + name
    return f"https://{bucket_in(context, region)}.s3.{region}.{suffix}/{key}"


def _present(client: Any, bucket: str, prefix: str) -> set[str]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {entry["Key"] for page in pages for entry in page.get("Contents", [])}


def bucket_stands(context: Context) -> bool:
    """Whether the home Region's artifact bucket is there."""
    home = context.release.home
    try:
        context.aws.client("s3", home).head_bucket(Bucket=bucket_in(context, home))
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
            return False
        raise
    return True
