from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import differs, find, layer_tags, report, resources

# "preferred" also takes plain connections: it is for the migration of an old cache.
ALLOWED = {"TransitEncryptionEnabled": (True,), "TransitEncryptionMode": ("required", None)}


class CachesUseTls(CloudFormationLintRule):
    """The cache speaks TLS, and nothing but TLS."""

    id = "E9051"
    shortdesc = "Caches use TLS only"
    description = (
        "A replication group has TransitEncryptionEnabled true and no TransitEncryptionMode"
        " preferred."
    )
    source_url = (
        "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html"
    )
    tags = layer_tags("cache")
    risk = "Sessions, and the password that opens the cache, cross the network in clear text."
    fix = (
        "Set TransitEncryptionEnabled to true, and TransitEncryptionMode to required or not at all."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(spot, f"{name} must be {str(allowed[0]).lower()}")
            for cache in resources(cfn, "AWS::ElastiCache::ReplicationGroup")
            for name, allowed in ALLOWED.items()
            for spot in find(cfn, cache, name)
            if differs(spot.value, *allowed)
        ]
