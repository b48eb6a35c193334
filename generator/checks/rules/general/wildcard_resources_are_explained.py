from collections.abc import Iterator
from typing import Any

from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._policies import IDENTITY_POLICIES, statements, strings
from generator.checks.rules._template import Spot, bodies, layer_tags, report


class WildcardResourcesAreExplained(CloudFormationLintRule):
    """Whoever allows an action on every resource writes down why, beside it."""

    id = "E9004"
    shortdesc = "Wildcard resources are explained"
    description = (
        "An Allow statement of an identity policy whose Resource is * has a Sid, and the resource's"
        " Metadata.WildcardResources gives a reason under that Sid. A reason without its statement"
        " is reported too."
    )
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
    )
    tags = layer_tags("general")
    risk = (
        "A wildcard resource reaches what other teams own in the account; nobody can tell a need"
        " from an oversight."
    )
    fix = (
        "Name the ARNs; where the action supports none, add the Sid and a reason to"
        " Metadata.WildcardResources."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            found
            for kind, document in IDENTITY_POLICIES.items()
            for body in bodies(cfn, kind)
            for found in _check(cfn, body, document)
        ]


def _check(cfn: Template, body: Spot, document: tuple[str, ...]) -> Iterator[RuleMatch]:
    reasons = _reasons(body)
    sids = set()
    for statement in statements(cfn, body, ("Properties", *document), "Allow"):
        sid = statement.value.get("Sid")
        sids.add(str(sid))
        if "*" not in strings(cfn, statement, "Resource"):
            continue
        if sid is None:
            yield report(
                statement, "Resource * needs a Sid, and its reason in Metadata.WildcardResources"
            )
        elif not str(reasons.get(str(sid)) or "").strip():
            yield report(
                statement, f"Resource * needs a reason in Metadata.WildcardResources.{sid}"
            )
    for stale in sorted(map(str, reasons.keys() - sids)):
        spot = Spot((*body.path, "Metadata", "WildcardResources", stale), None)
        yield report(
            spot,
            f"Metadata.WildcardResources.{stale} explains a statement that is not there: remove it",
        )


def _reasons(body: Spot) -> dict[str, Any]:
    metadata = body.value.get("Metadata")
    reasons = metadata.get("WildcardResources") if isinstance(metadata, dict) else None
    return reasons if isinstance(reasons, dict) else {}
