"""Proof that every name which is known beforehand is a name that something bears.

A name derived from settings needs no wiring, and so no Parameter or import shows that it is used:
a topic in an alarm's action, a secret in a dynamic reference, a bucket in a policy. This check
finds the uses in the JSON and asks for a resource of that name in each Region of its user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from generator.checks.contract import Breach, Bundle

ARN = r"arn:\$\{AWS::Partition\}"
HERE = r"\$\{AWS::Region\}:\$\{AWS::AccountId\}"
NAMING_PROPERTY = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SNS::Topic": "TopicName",
}
USES = (
    ("AWS::SecretsManager::Secret", re.compile(r"\{\{resolve:secretsmanager:([^:}$][^:}]*)")),
    (
        "AWS::SecretsManager::Secret",
        re.compile(rf"{ARN}:secretsmanager:{HERE}:secret:([^?*]+)-\?+"),
    ),
    ("AWS::SNS::Topic", re.compile(rf"{ARN}:sns:{HERE}:([^*]+)$")),
    ("AWS::S3::Bucket", re.compile(rf"{ARN}:s3:::([^/*]+-\$\{{AWS::Region\}})(?:/.*)?$")),
    ("AWS::DynamoDB::GlobalTable", re.compile(rf"{ARN}:dynamodb:{HERE}:table/([^/*]+)(?:/.*)?$")),
)
"""Where a name of a type can appear in a text, as the first group."""


class Named(NamedTuple):
    """A resource with a fixed name, and the Regions where that name is good."""

    type: str
    name: str
    regions: frozenset[str]


def unmade_names(bundle: Bundle) -> tuple[Breach, ...]:
    """Every use of a derived name that nothing bears in the user's Region."""
    made = tuple(_made(bundle))
    found: set[Breach] = set()
    for file, template, regions in _stands(bundle):
        for text in _texts(template["Resources"]):
            for kind, name in _uses(text):
                missing = sorted(regions - _regions_of(made, kind, name))
                if missing:
                    where = _place(text, template["Resources"], "Resources")
                    problem = f"uses {kind} {name}, which nothing makes in {', '.join(missing)}"
                    found.add(Breach(file, where, problem))
        found.update(_uncertified_origins(bundle, file, template))
    return tuple(sorted(found))


def _stands(bundle: Bundle) -> Iterator[tuple[str, Mapping[str, Any], frozenset[str]]]:
    for unit in bundle.manifest["rollout"]:
        for file in (unit["template"], *unit["nested"]):
            yield file, bundle.templates[file], frozenset(unit["regions"])


def _made(bundle: Bundle) -> Iterator[Named]:
    for _, template, regions in _stands(bundle):
        for resource in template["Resources"].values():
            naming = NAMING_PROPERTY.get(resource["Type"])
            name = _text(resource.get("Properties", {}).get(naming)) if naming else None
            if name:
                reach = regions | _replicated(resource["Properties"])
                yield Named(resource["Type"], name, frozenset(reach))


def _replicated(properties: Mapping[str, Any]) -> set[str]:
    """Regions to which the service itself copies the resource."""
    rows = [*properties.get("ReplicaRegions", []), *properties.get("Replicas", [])]
    return {row["Region"] for row in rows if isinstance(row.get("Region"), str)}


def _regions_of(made: tuple[Named, ...], kind: str, name: str) -> set[str]:
    same = (named.regions for named in made if (named.type, named.name) == (kind, name))
    return set().union(*same)


def _text(value: object) -> str | None:
    """A name as written: text, or the text of Fn::Sub; None for what only AWS knows."""
    match value:
        case str():
            return value
        case {"Fn::Sub": str(text)}:
            return text
    return None


def _texts(value: object) -> Iterator[str]:
    """All texts within that may name something else: an ARN or a dynamic reference has a colon."""
    found = [value]
    for each in found:  # it grows meanwhile: several times as fast as a recursion
        if isinstance(each, str):
            if ":" in each:
                yield each
        elif isinstance(each, (dict, list)):
            found += each.values() if isinstance(each, dict) else each


def _place(text: str, value: object, where: str) -> str:
    """Where a text stands; empty where it does not."""
    if value == text:
        return where
    children: Iterable[tuple[object, object]] = ()
    if isinstance(value, (dict, list)):
        children = value.items() if isinstance(value, dict) else enumerate(value)
    places = (_place(text, child, f"{where}/{key}") for key, child in children)
    return next(filter(None, places), "")


def _uses(text: str) -> Iterator[tuple[str, str]]:
    for kind, pattern in USES:
        for match in pattern.finditer(text):
            yield kind, match[1]


def _uncertified_origins(
    bundle: Bundle, file: str, template: Mapping[str, Any]
) -> Iterator[Breach]:
    """CloudFront refuses an origin whose certificate does not hold the origin's name."""
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::CloudFront::Distribution":
            for origin in resource["Properties"]["DistributionConfig"]["Origins"]:
                name, tls = origin["DomainName"], origin.get("CustomOriginConfig", {})
                secure = tls.get("OriginProtocolPolicy") == "https-only"
                if secure and name not in _certified(bundle):
                    where = f"Resources/{logical_id}/Properties/DistributionConfig/Origins"
                    yield Breach(file, where, f"{name} is in no load balancer's certificate")


def _certified(bundle: Bundle) -> set[str]:
    names: set[str] = set()
    for _, template, _ in _stands(bundle):
        kinds = {resource["Type"] for resource in template["Resources"].values()}
        if "AWS::ElasticLoadBalancingV2::LoadBalancer" not in kinds:
            continue
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::CertificateManager::Certificate":
                properties = resource["Properties"]
                asked = [properties["DomainName"], *properties.get("SubjectAlternativeNames", [])]
                names.update(filter(None, map(_text, asked)))
    return names
