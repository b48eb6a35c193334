from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, differs, find, layer_tags, report, resources


class CachesAreEncryptedAtRest(CloudFormationLintRule):
    """The cache's disks and snapshots are under a key of ours."""

    id = "E9052"
    shortdesc = "Caches are encrypted at rest"
    description = "A replication group has AtRestEncryptionEnabled true and a KmsKeyId."
    source_url = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html"
    tags = layer_tags("cache")
    risk = (
        "Snapshots and swapped pages hold sessions in the clear; it can't be turned on later"
        " without a new cache."
    )
    fix = "Set AtRestEncryptionEnabled to true and KmsKeyId to the platform's key."

    def match(self, cfn: Template) -> list[RuleMatch]:
        caches = resources(cfn, "AWS::ElastiCache::ReplicationGroup")
        return [found for cache in caches for found in _check(cfn, cache)]


def _check(cfn: Template, cache: Spot) -> Iterator[RuleMatch]:
    for spot in find(cfn, cache, "AtRestEncryptionEnabled"):
        if differs(spot.value, True):
            yield report(spot, "AtRestEncryptionEnabled must be true")
    for spot in find(cfn, cache, "KmsKeyId"):
        if spot.value is None:
            yield report(spot, "KmsKeyId is missing: name the platform's key")
