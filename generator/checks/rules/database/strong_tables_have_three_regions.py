from collections.abc import Iterator

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    Spot,
    differs,
    find,
    is_unknown,
    layer_tags,
    report,
    resources,
    values,
)


class StrongTablesHaveThreeRegions(CloudFormationLintRule):
    """Multi-region strong consistency: three regions, no time to live."""

    id = "E9064"
    shortdesc = "Strongly consistent tables have three regions"
    description = (
        "With MultiRegionConsistency STRONG the replicas and GlobalTableWitnesses together are"
        " exactly three, and TimeToLiveSpecification is not enabled."
    )
    source_url = (
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        "V2globaltables_HowItWorks.html"
    )
    tags = layer_tags("database")
    risk = (
        "DynamoDB refuses the table when it is created, after the stacks before it are already"
        " there."
    )
    fix = (
        "List three replicas, or two and a witness, and drop the time to live; else use eventual"
        " consistency."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        tables = resources(cfn, "AWS::DynamoDB::GlobalTable")
        strong = [one for one in tables if "STRONG" in values(cfn, one, "MultiRegionConsistency")]
        return [found for table in strong for found in _check(cfn, table)]


def _check(cfn: Template, table: Spot) -> Iterator[RuleMatch]:
    regions = [
        *values(cfn, table, "Replicas", EACH),
        *values(cfn, table, "GlobalTableWitnesses", EACH),
    ]
    if len(regions) != 3 and not any(is_unknown(region) for region in regions):
        yield report(
            table, f"STRONG needs exactly three replicas and witnesses, not {len(regions)}"
        )
    for spot in find(cfn, table, "TimeToLiveSpecification", "Enabled"):
        if differs(spot.value, False, None):
            yield report(spot, "TimeToLiveSpecification can't be used with STRONG: remove it")
