"""Templates by URL, read from the emulator's own buckets, as CloudFormation reads them from S3.

Every way that S3 addresses an object is understood; an object of another place is refused, as
CloudFormation refuses it.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from generator.sandbox import seams, template_seams

_LIMITS = {"Template": 1_000_000, "Stack policy": 16_384}
"""Bytes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"""
_HOST = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]+)\.)?s3(?:-fips)?(?:\.dualstack)?"
    r"(?:[.-](?P<region>[a-z]{2,3}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?"
)
_MORE = (
    "\nFor more information check "
    "http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
)


class Place(NamedTuple):
    """Where an object is. Without a Region the URL does not say: S3 finds the bucket."""

    bucket: str
    key: str
    region: str | None = None
    version: str | None = None


def install() -> None:
    """Read all documents behind URLs our way."""
    template_seams.replace_document_fetch(fetch)


def fetch(url: str, label: str) -> tuple[str | None, seams.Answer | None]:
    """The text of a template or stack policy, or the error that AWS answers."""
    place = locate(url)
    if place is None:
        parameter = "TemplateURL" if label == "Template" else "StackPolicyURL"
        return None, _refuse(f"{parameter} must be a supported URL.")
    region = template_seams.bucket_region(place.bucket)
    if region is None:
        return None, _refuse(f"S3 error: The specified bucket does not exist{_MORE}")
    if place.region not in (None, region):
        return None, _refuse(
            "S3 error: The bucket you are attempting to access must be addressed using the "
            f"specified endpoint. Please send all future requests to this endpoint.{_MORE}"
        )
    return _read(place, label)


def _read(place: Place, label: str) -> tuple[str | None, seams.Answer | None]:
    found = template_seams.stored_object(place.bucket, place.key, place.version)
    if found is None:
        return None, _refuse(f"S3 error: The specified key does not exist.{_MORE}")
    if len(found) > _LIMITS[label]:
        return None, _refuse(f"{label} may not exceed {_LIMITS[label]} bytes in size.")
    return found.decode("utf-8", errors="replace"), None


def locate(url: str) -> Place | None:
    """The object behind a URL of S3, or of the emulator itself; None for any other URL."""
    parts = urlsplit(url)
    version = parse_qs(parts.query).get("versionId", [None])[0]
    host, path = parts.hostname or "", unquote(parts.path).lstrip("/")
    if url.startswith(seams.endpoint() + "/"):
        return _path_style(path, None, version)
    match = _HOST.fullmatch(host)
    if match is None or parts.scheme != "https":
        return None
    if match["bucket"]:
        return Place(match["bucket"], path, match["region"], version) if path else None
    return _path_style(path, match["region"], version)


def _path_style(path: str, region: str | None, version: str | None) -> Place | None:
    bucket, _, key = path.partition("/")
    return Place(bucket, key, region, version) if bucket and key else None


def _refuse(message: str) -> seams.Answer:
    return seams.error("ValidationError", message)
