"""What pipelines and drills keep and log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.report.encryption.buckets import BUCKET, bucket_protection, log_in_bucket, transport
from generator.report.encryption.estate import Estate
from generator.report.encryption.keys import protection
from generator.report.encryption.logs import log_in_group
from generator.report.encryption.resource import Resource
from generator.report.encryption.rows import LINK, STORE, Protection, Reader, Row, Unreadable

ENABLED = "ENABLED"


def pipeline(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Artifacts between the stages, and the source from its host."""
    for store in _stores(resource.properties):
        yield _artifacts(estate, resource, store)
    ends = Protection("the host's certificate", "by the host", "both ends")
    what = "repository's host → CodePipeline"
    yield Row(LINK, resource.place, what, ends, "TLS only, by CodeConnections")


def _stores(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "ArtifactStore" in properties:
        return [properties["ArtifactStore"]]
    return [each["ArtifactStore"] for each in properties.get("ArtifactStores", ())]


def _artifacts(estate: Estate, resource: Resource, store: Mapping[str, Any]) -> Row:
    holder = estate.find(BUCKET, resource.file, store["Location"])
    if holder is None:
        raise Unreadable(f"keeps artifacts in {store['Location']}, no bucket of these templates")
    if "EncryptionKey" in store:
        held = protection(estate, resource, store["EncryptionKey"]["Id"])
    else:
        held = bucket_protection(estate, holder)
    what = f"pipeline's artifacts, in `{holder.place}`"
    return Row(STORE, resource.place, what, held, *transport(estate, holder))


def project(estate: Estate, resource: Resource) -> Iterator[Row]:
    """What a build leaves behind, and its log."""
    properties = resource.properties
    if properties["Artifacts"]["Type"] not in ("CODEPIPELINE", "NO_ARTIFACTS"):
        raise Unreadable("keeps artifacts of its own, of which the map knows nothing")
    if "EncryptionKey" in properties:
        held = protection(estate, resource, properties["EncryptionKey"])
        yield Row(STORE, resource.place, "CodeBuild's artifacts and cache", held, "TLS only")
    yield from _build_logs(estate, resource, properties.get("LogsConfig", {}))


def _build_logs(estate: Estate, resource: Resource, logs: Mapping[str, Any]) -> Iterator[Row]:
    cloudwatch, s3 = logs.get("CloudWatchLogs", {}), logs.get("S3Logs", {})
    if cloudwatch.get("Status") == ENABLED and "GroupName" in cloudwatch:
        yield log_in_group(estate, resource, "CodeBuild's log", cloudwatch["GroupName"])
    elif cloudwatch.get("Status", ENABLED) == ENABLED:
        raise Unreadable("logs to a group that CodeBuild makes itself (LogsConfig)")
    if s3.get("Status") == ENABLED:
        yield log_in_bucket(estate, resource, "CodeBuild's log", s3["Location"])


def experiment(estate: Estate, resource: Resource) -> Iterator[Row]:
    """What AWS FIS tells of an experiment."""
    logs = resource.properties.get("LogConfiguration", {})
    if found := logs.get("CloudWatchLogsConfiguration"):
        yield log_in_group(estate, resource, "AWS FIS experiment", found["LogGroupArn"])
    if found := logs.get("S3Configuration"):
        yield log_in_bucket(estate, resource, "AWS FIS experiment", found["BucketName"])


READERS: dict[str, Reader] = {
    "AWS::CodeBuild::Project": project,
    "AWS::CodePipeline::Pipeline": pipeline,
    "AWS::FIS::ExperimentTemplate": experiment,
}
