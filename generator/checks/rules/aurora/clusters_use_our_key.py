from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, differs, find, layer_tags, report, resources

KEYS = {"StorageEncrypted": "KmsKeyId", "PerformanceInsightsEnabled": "PerformanceInsightsKmsKeyId"}


class ClustersUseOurKey(CloudFormationLintRule):
    """Storage, snapshots and insights of a database are under a key of ours."""

    id = "E9122"
    shortdesc = "Database clusters use our key"
    description = (
        "A database cluster has StorageEncrypted true and a KmsKeyId, and Performance Insights a"
        " key where they are on."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html"
    )
    tags = layer_tags("aurora")
    risk = (
        "Neither encryption nor its key can be changed on a cluster that stands: it takes a new one"
        " from a snapshot. Under the AWS-managed key a snapshot cannot be shared or shut off."
    )
    fix = "Set StorageEncrypted, KmsKeyId and PerformanceInsightsKmsKeyId when the cluster is made."

    def match(self, cfn: Template) -> list[RuleMatch]:
        clusters = resources(cfn, "AWS::RDS::DBCluster")
        return [found for cluster in clusters for found in _check(cfn, cluster)]


def _check(cfn: Template, cluster: Spot) -> Iterator[RuleMatch]:
    for spot in find(cfn, cluster, "StorageEncrypted"):
        if differs(spot.value, True):
            yield report(spot, "StorageEncrypted must be true")
    for switch, key in KEYS.items():
        is_on = not any(differs(spot.value, True) for spot in find(cfn, cluster, switch))
        for spot in find(cfn, cluster, key):
            if is_on and spot.value is None:
                yield report(spot, f"{key} is missing: name the platform's key")
