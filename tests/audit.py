"""`make audit`: checkov and cfripper over templates/, with no finding that nobody explained.

Runs in an environment of its own (requirements-audit.txt) and imports nothing of the generator.
checkov's explanations stand beside the resource, in its Metadata, where checkov itself reads them.
cfripper has no such place, so its explanations stand here, each with a condition on the resource:
when a policy changes so that the reason no longer holds, the finding comes back.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
Resource = dict[str, Any]


class Finding(NamedTuple):
    """What a checker found and nobody explained."""

    checker: str
    rule: str
    template: str
    resource: str
    message: str


class Explanation(NamedTuple):
    """Why a finding of a rule is meant, and the resources of which that is true."""

    rules: tuple[str, ...]
    holds: Callable[[Resource], bool]
    reason: str


def main() -> int:
    """Run both, print what is not explained, say how much is."""
    found, counts = [], Counter[str]()
    for checker in (checkov, cfripper):
        for finding, explained in checker():
            counts[f"{finding.checker} {'explained' if explained else 'found'}"] += 1
            if not explained:
                found.append(finding)
    for finding in found:
        print(*finding, sep="  ")
    print(", ".join(f"{key}: {count}" for key, count in sorted(counts.items())))
    return int(bool(found))


Verdicts = Iterator[tuple[Finding, bool]]


# --- checkov --------------------------------------------------------------------------------------


def checkov() -> Verdicts:
    """checkov's own reading of the templates and of the reasons in them."""
    program = Path(sys.executable).with_name("checkov")
    options = ["--framework", "cloudformation", "--output", "json", "--compact", "--skip-download"]
    command = [str(program), "--directory", str(TEMPLATES), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)["results"]
    assert results["passed_checks"], "checkov read nothing"
    for outcome, explained in (("failed_checks", False), ("skipped_checks", True)):
        for row in results[outcome]:
            reason = row["check_result"].get("suppress_comment", "") if explained else ""
            finding = Finding(
                "checkov", row["check_id"], row["file_path"], row["resource"], row["check_name"]
            )
            yield finding, len(reason) > 20


# --- cfripper -------------------------------------------------------------------------------------


def statements(resource: Resource) -> Iterator[dict[str, Any]]:
    """Every policy statement of a resource."""
    stack: list[Any] = [resource.get("Properties", {})]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            yield from value.get("Statement", [])
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def actions(resource: Resource) -> Iterator[str]:
    """Every action that a resource's policies allow."""
    for statement in statements(resource):
        if statement["Effect"] == "Allow":
            named = statement["Action"]
            yield from named if isinstance(named, list) else [named]


def explains_wildcards(resource: Resource) -> bool:
    wild = {s.get("Sid") for s in statements(resource) if s.get("Resource") in ("*", ["*"])}
    return wild == set(resource.get("Metadata", {}).get("WildcardResources", {}))


def names_verbs(resource: Resource) -> bool:
    return resource["Type"].startswith("AWS::IAM::") and not any(
        action == "*" or action.endswith(":*") for action in actions(resource)
    )


def administered_by_the_account(resource: Resource) -> bool:
    wide = [s for s in statements(resource) if s["Action"] in ("kms:*", ["kms:*"])]
    return resource["Type"] in ("AWS::KMS::Key", "AWS::KMS::ReplicaKey") and all(
        s["Principal"] == {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}}
        for s in wide
    )


def trusts_its_administrator(resource: Resource) -> bool:
    principals = [s["Principal"] for s in statements(resource) if "Principal" in s]
    return principals == [{"AWS": {"Fn::GetAtt": ["StackSetAdministrationRole", "Arn"]}}]


WIDENING = ("iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy")


def widens_only_within_the_boundary(resource: Resource) -> bool:
    widening = [
        s
        for s in statements(resource)
        if s["Effect"] == "Allow" and any(action in s["Action"] for action in WIDENING)
    ]
    return bool(widening) and all("iam:PermissionsBoundary" in json.dumps(s) for s in widening)


EXPLAINED = (
    Explanation(
        ("WildcardResourceRule",),
        explains_wildcards,
        "Each Sid on * has its reason in the resource's Metadata (lint rule E9004).",
    ),
    Explanation(
        ("GenericResourceWildcardPolicyRule", "IAMRoleWildcardActionOnPolicyRule"),
        names_verbs,
        "The stars stand behind verbs (Describe*), never for a whole service (lint rule E9003).",
    ),
    Explanation(
        (
            "GenericCrossAccountTrustRule",
            "GenericResourceWildcardPolicyRule",
            "KMSKeyCrossAccountTrustRule",
        ),
        administered_by_the_account,
        "AWS's default key policy: the key's own account administers it, else nobody could.",
    ),
    Explanation(
        ("CrossAccountTrustRule", "GenericCrossAccountTrustRule"),
        trusts_its_administrator,
        "A role of the same template, and so of the same account, which cfripper cannot resolve.",
    ),
    Explanation(
        ("PrivilegeEscalationRule",),
        widens_only_within_the_boundary,
        "Roles are made and widened only under the permissions boundary, which grants no IAM.",
    ),
    Explanation(
        ("PublicELBCheckerRule",),
        lambda resource: resource["Type"] == "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Users reach the platform here; behind an edge its groups admit CloudFront and checkers.",
    ),
)


def cfripper() -> Verdicts:
    """cfripper's rules over what its model can read of each template."""
    from cfripper.cli import init_cfripper
    from pycfmodel import parse

    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    for path in sorted(TEMPLATES.glob("*.template.json")):
        body = json.loads(path.read_text())
        config, rules = init_cfripper(None, None, "123456789012", None)
        result = rules.process_cf_template(parse(readable(body)).resolve(), config)
        assert not result.exceptions, (path.name, result.exceptions)
        for failure in result.failures:
            for name in failure.resource_ids:
                finding = Finding("cfripper", failure.rule, path.name, name, failure.reason)
                yield finding, is_explained(failure.rule, body["Resources"][name])


def is_explained(rule: str, resource: Resource) -> bool:
    return any(rule in known.rules and known.holds(resource) for known in EXPLAINED)


def readable(body: dict[str, Any]) -> dict[str, Any]:
    """The template without what cfripper's model cannot parse; none of it is what a rule reads.

    It knows neither Fn::Cidr nor Fn::GetAZs, takes list parameters for text and thresholds for
    whole numbers, and refuses the update policies of Auto Scaling groups.
    """
    parameters = body.get("Parameters", {})
    simple = {**body, "Resources": simplified(body["Resources"], parameters)}
    for resource in simple["Resources"].values():
        resource.pop("CreationPolicy", None)
        resource.pop("UpdatePolicy", None)
    return simple


def simplified(value: Any, parameters: dict[str, Any]) -> Any:
    match value:
        case {"Ref": name} if name in parameters:
            return sample(parameters[name], value)
        case {"Fn::Select": [_, {"Fn::Cidr": _}]}:
            return "10.0.0.0/20"
        case {"Fn::Select": [_, {"Fn::GetAZs": _}]}:
            return "zone"
        case dict():
            return {key: simplified(inner, parameters) for key, inner in value.items()}
        case list():
            return [simplified(inner, parameters) for inner in value]
    return value


def sample(parameter: dict[str, Any], reference: Any) -> Any:
    kind = parameter["Type"]
    if kind == "Number" and "Default" in parameter:
        return str(int(float(parameter["Default"])))
    return ["sample"] if kind.startswith("List<") or kind == "CommaDelimitedList" else reference


if __name__ == "__main__":
    sys.exit(main())
