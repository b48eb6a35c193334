"""Policies as the map reads them: statements that allow, and the words for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from generator.report.encryption.estate import Estate, Grant
from generator.report.encryption.resource import Resource, Statement
from generator.report.encryption.rows import Reader, Row, Unreadable

SERVICES = {
    "backup": "AWS Backup",
    "budgets": "AWS Budgets",
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "codebuild": "CodeBuild",
    "codepipeline": "CodePipeline",
    "dax": "ElastiCache",
    "delivery.logs": "log delivery",
    "dynamodb": "DynamoDB",
    "ec2": "Amazon EC2",
    "elasticache": "ElastiCache",
    "events": "EventBridge",
    "fis": "AWS FIS",
    "lambda": "AWS Lambda",
    "logs": "CloudWatch Logs",
    "rds": "Amazon RDS",
    "s3": "Amazon S3",
    "secretsmanager": "Secrets Manager",
    "sns": "Amazon SNS",
    "ssm": "Systems Manager",
}
"""What people call the principals of services."""
TAKERS = {"Amazon EC2": "instances", "AWS Lambda": "function"}
"""Who takes a role that trusts a service, where that is not the service itself."""
PLAIN = [{"Bool": {"aws:SecureTransport": value}} for value in ("false", False)]
"""A condition that every request without TLS meets. One test more, and some of them get through."""
EVERYONE = ("*", {"AWS": "*"})
WHOLE = {"AWS::S3::Bucket": {"", "/*"}}
"""What a statement on all of a resource names behind its ARN; nothing for what is not here."""


def listed(value: Any) -> list[Any]:
    """A list of what may stand alone."""
    return value if isinstance(value, list) else [value]


def resources(statement: Statement) -> list[Any]:
    """What a statement is on: NotResource counts as everything."""
    return listed(statement.get("Resource", "*"))


def allows(statement: Statement, action: str) -> bool:
    """Whether a statement allows an action, whatever it is on."""
    return statement["Effect"] == "Allow" and _names(statement, action)


def _names(statement: Statement, action: str) -> bool:
    named = listed(statement.get("Action", []))
    return action in named or any(_is_like(action, each) for each in named if "*" in each)


def _is_like(text: str, pattern: str) -> bool:
    """Most patterns differ before their first wildcard; the rest are worth an expression."""
    start = pattern.partition("*")[0].partition("?")[0]
    return text.startswith(start) and fnmatchcase(text, pattern)


def denies_plain(estate: Estate, holder: Resource, policy: Resource, *actions: str) -> bool:
    """Whether a resource's policy refuses everybody who calls one of these without TLS."""
    return policy.body.get("Condition") in (None, holder.body.get("Condition")) and any(
        statement["Effect"] == "Deny"
        and statement.get("Principal") in EVERYONE
        and statement.get("Condition") in PLAIN
        and all(_names(statement, action) for action in actions)
        and _is_on_all(estate, holder, policy.file, statement)
        for statement in policy.properties["PolicyDocument"]["Statement"]
    )


def _is_on_all(estate: Estate, holder: Resource, file: str, statement: Statement) -> bool:
    named = listed(statement.get("Resource", []))
    ends = {_end(on) for on in named if estate.find(holder.type, file, on) == holder}
    return ends >= WHOLE.get(holder.type, {""})


def _end(on: object) -> str:
    """What an ARN has behind what is filled in: nothing, or `/*`."""
    match on:
        case {"Fn::Join": ["", [dict(), *rest]]}:
            return "".join(map(str, rest))
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), _]} | str(text):
            return text.rpartition("}")[2]
    return ""


def granted(estate: Estate, action: str) -> list[Grant]:
    """Whatever allows an action to a role of the platform."""
    if action not in estate.grants:
        estate.grants[action] = list(_granted(estate, action))
    return estate.grants[action]


def _granted(estate: Estate, action: str) -> Iterator[Grant]:
    for role in estate.of_type("AWS::IAM::Role"):
        for file, document in _documents(estate, role):
            for statement in document["Statement"]:
                if allows(statement, action):
                    yield role, file, statement


def _documents(estate: Estate, role: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for policy in role.properties.get("Policies", ()):
        yield role.file, policy["PolicyDocument"]
    for attached in role.properties.get("ManagedPolicyArns", ()):
        policy = estate.resolve(role.file, attached)
        if isinstance(policy, Resource):
            yield policy.file, policy.properties["PolicyDocument"]


def role(estate: Estate, resource: Resource) -> Iterator[Row]:
    """Holds nothing; what it may do is in others' rows, and so has to be in these templates."""
    for attached in resource.properties.get("ManagedPolicyArns", ()):
        if not isinstance(estate.resolve(resource.file, attached), Resource):
            raise Unreadable(f"has {attached}, a policy that is in none of these templates")
    yield from ()


def worded(service: str) -> str:
    """`logs.${AWS::Region}.amazonaws.com` as CloudWatch Logs."""
    name = service.partition(".amazonaws")[0].partition(".$")[0].partition(".*")[0]
    return SERVICES.get(name, name)


def role_words(role: Resource) -> str:
    """A role as who takes it: `instances (security/InstanceRole)`."""
    trust = role.properties["AssumeRolePolicyDocument"]["Statement"]
    takers = [t for s in trust for t in listed(s["Principal"].get("Service", []))]
    names = {worded(taker) for taker in takers if isinstance(taker, str)}
    who = ", ".join(sorted(TAKERS.get(name, name) for name in names))
    return f"{who} (`{role.place}`)" if who else f"`{role.place}`"


def users(estate: Estate, holder: Resource, action: str) -> str:
    """Roles of the platform that may do something with a resource, in words."""
    found = {
        role_words(role)
        for role, file, statement in granted(estate, action)
        if any(_is_on(estate, holder, file, on) for on in resources(statement))
    }
    return ", ".join(sorted(found)) or "no role of the platform"


def _is_on(estate: Estate, holder: Resource, file: str, on: object) -> bool:
    meant = estate.resolve(file, on)
    if isinstance(meant, Resource) or meant is None:
        return meant == holder
    if meant == "*" or estate.find(holder.type, file, meant) == holder:
        return True
    name = _flat(estate.name_of(holder) or "")
    pattern = _flat(meant).split(":", 5)[-1].removeprefix("secret:")
    return _is_like(name, pattern) or _is_like(f"{name}/", pattern)


def _flat(text: str) -> str:
    """Without the colons of pseudo parameters, which are none of the ARN's."""
    return text.replace("${AWS::", "${")


READERS: dict[str, Reader] = {"AWS::IAM::Role": role}
