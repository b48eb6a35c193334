"""The cache behaviours of a distribution."""

from collections.abc import Iterator

from cfnlint.template import Template

from generator.checks.rules._template import EACH, Spot, find, resources

DISTRIBUTION = "AWS::CloudFront::Distribution"


def distributions(cfn: Template) -> list[Spot]:
    return list(resources(cfn, DISTRIBUTION))


def behaviours(cfn: Template, distribution: Spot) -> Iterator[Spot]:
    """The default behaviour and the ones by path."""
    for default in find(cfn, distribution, "DistributionConfig", "DefaultCacheBehavior"):
        if default.value is not None:
            yield default
    yield from find(cfn, distribution, "DistributionConfig", "CacheBehaviors", EACH)
