"""Additional metrics of a distribution, through the CloudFront API."""

from __future__ import annotations

from generator.sandbox import seams
from generator.sandbox.resources.resource import Made, Properties, Resource


def _create(logical_id: str, properties: Properties, stack: str) -> Made:
    distribution = properties["DistributionId"]
    seams.client("cloudfront").create_monitoring_subscription(
        DistributionId=distribution, MonitoringSubscription=properties["MonitoringSubscription"]
    )
    return distribution, {}


def _update(physical_id: str, old: Properties, new: Properties, stack: str) -> Made:
    return _create(physical_id, new, stack)


def _delete(physical_id: str, properties: Properties) -> None:
    seams.client("cloudfront").delete_monitoring_subscription(DistributionId=physical_id)


RESOURCES = {
    "AWS::CloudFront::MonitoringSubscription": Resource(
        _create,
        _delete,
        _update,
        frozenset({"DistributionId"}),
        frozenset({"MonitoringSubscription"}),
    ),
}
