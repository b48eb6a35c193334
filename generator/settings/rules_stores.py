"""Relations of the stores and of what watches and names them: database, cache, mail, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.settings.model import Settings
from generator.settings.rule import Problem, reads
from generator.settings.rules_regions import repeated

# Source: AWS::DynamoDB::GlobalTable GlobalTableWitness, "within the same Region set".
STRONG_SETS = {
    "US": ("us-east-1", "us-east-2", "us-west-2"),
    "EU": ("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1"),
    "AP": ("ap-northeast-1", "ap-northeast-2", "ap-northeast-3"),
}
MOST_CACHE_NODES = 500
_TAG_TEXT = re.compile(r"[\w\s+=.:/@-]*")


@reads("database.consistency", "regions.*.name")
def strong_tables_have_a_region_set(settings: Settings) -> Iterator[Problem]:
    names = {region.name for region in settings.regions}
    fits = len(settings.regions) == 3 and any(names <= {*s} for s in STRONG_SETS.values())
    if settings.database.consistency == "strong" and not fits:
        sets = "; ".join(f"{name}: {', '.join(members)}" for name, members in STRONG_SETS.items())
        problem = "strong consistency needs exactly three regions of one DynamoDB Region set"
        remedy = f"Choose three of one set ({sets}), or set it to eventual."
        yield Problem(("database", "consistency"), problem, remedy)


@reads("database.provisioned")
def provisioned_minimum_is_not_above_its_maximum(settings: Settings) -> Iterator[Problem]:
    units = settings.database.provisioned
    if units and units.minimum_units > units.maximum_units:
        problem = f"{units.minimum_units} is above the maximum of {units.maximum_units}"
        at = ("database", "provisioned", "minimum_units")
        yield Problem(at, problem, "Lower minimum_units or raise maximum_units.")


@reads("cache.shards", "cache.replicas_per_shard")
def cache_has_not_too_many_nodes(settings: Settings) -> Iterator[Problem]:
    count = settings.cache.shards * (1 + settings.cache.replicas_per_shard)
    if count > MOST_CACHE_NODES:
        problem = f"shards and replicas make {count} nodes"
        remedy = f"ElastiCache has at most {MOST_CACHE_NODES} nodes a cluster: lower one of them."
        yield Problem(("cache", "shards"), problem, remedy)


@reads("monitoring.emails")
def emails_differ(settings: Settings) -> Iterator[Problem]:
    emails = settings.monitoring.emails
    for index, first in repeated(email.lower() for email in emails):
        remedy = f"It is emails[{first}] too; keep one of them."
        yield Problem(("monitoring", "emails", index), f"{emails[index]} is listed twice", remedy)


@reads("tags")
def tags_are_what_aws_accepts(settings: Settings) -> Iterator[Problem]:
    for key, value in settings.tags.items():
        if key.lower().startswith("aws:"):
            yield Problem(("tags", key), "names with aws: are AWS's own", "Choose another name.")
        if len(key) > 128:
            problem = f"the name has {len(key)} characters"
            yield Problem(("tags", key), problem, "A tag's name has at most 128.")
        if not _TAG_TEXT.fullmatch(key + value):
            remedy = "Letters, digits, spaces and + - = . _ : / @ are allowed."
            yield Problem(("tags", key), "a character that tags must not have", remedy)


RULES = (
    strong_tables_have_a_region_set,
    provisioned_minimum_is_not_above_its_maximum,
    cache_has_not_too_many_nodes,
    emails_differ,
    tags_are_what_aws_accepts,
)
