"""What CloudFormation may do for the platform: the same for its plain stacks and its stack sets.

One managed policy a concern, because a managed policy holds 6,144 characters and a role ten of
them. The rows are in `services/`; here is IAM, where a mistake would be an escalation:

- a role may be made or changed only under the platform's names and only with the permissions
  boundary (`policies/boundary.py`), which knows no `iam:` action at all. So not even a template
  that somebody smuggles in gets a role that could make itself an administrator;
- the roles of the rollout are out of reach. The policies that they and the boundary are made of
  have a path of their own (`/<prefix>/…`), which `policy/<prefix>-*` does not match;
- a role is passed only to the services that the platform gives roles to.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterable

from awacs import iam
from awacs.aws import Action, ArnEquals, Condition, Deny, Statement, StringEquals, StringLike
from troposphere import Sub
from troposphere.iam import ManagedPolicy

from generator import names
from generator.policies.images import image_parameters
from generator.policies.options import chosen
from generator.policies.services import CONCERNS
from generator.policies.services.row import Service
from generator.policies.statements import Grant, Resource, allow, allow_any, managed_policy
from generator.settings.model import Settings

RECIPIENTS = ("autoscaling", "backup", "ec2", "lambda")
"""Services that the platform gives roles to."""

LINKED_SERVICES = (
    "autoscaling",
    "backup",
    "contributorinsights.dynamodb",
    "delivery.logs",
    "dynamodb.application-autoscaling",
    "elasticache",
    "elasticloadbalancing",
    "mrk.kms",  # keeps multi-Region keys in step
    "replication.dynamodb",
    "spot",
    "wafv2",
)
"""Services that make their own role in an account that uses them for the first time."""


def policies(settings: Settings, zone: Resource | None) -> list[ManagedPolicy]:
    """All of it. `zone` is the hosted zone's id: records elsewhere are not the platform's."""
    concerns = {name: of_services(settings, rows) for name, rows in CONCERNS.items()}
    concerns["Compute"].append(image_parameters(settings))
    optional = [row for option in chosen(settings) for row in option.services]
    if optional:
        concerns["Options"] = of_services(settings, optional)
    concerns["Identity"] = _identity(settings)
    if zone is not None:
        concerns["Edge"] += _records(zone)
    return [_policy(settings, name, grants) for name, grants in concerns.items()]


def _policy(settings: Settings, concern: str, grants: list[Grant]) -> ManagedPolicy:
    description = f"{settings.prefix}: what CloudFormation may do ({concern.lower()})"
    policy = managed_policy(f"Provisioning{concern}", description, grants)
    policy.Path = f"/{settings.prefix}/"
    return policy


# --- the rows -------------------------------------------------------------------------------------


def of_services(settings: Settings, services: Iterable[Service]) -> list[Grant]:
    """The grants of some rows, for this environment."""
    return [grant for service in services for grant in _of_service(settings, service)]


def _of_service(settings: Settings, service: Service) -> list[Grant]:
    sid = service.title or "".join(part.capitalize() for part in service.prefix.split("-"))
    grants = []
    if service.actions:
        on = [Sub(text.replace("{prefix}", settings.prefix)) for text in service.on]
        actions = _actions(service.prefix, service.actions)
        grants.append(allow(sid, actions, on, _through(service)))
    if service.anywhere:
        actions = _actions(service.prefix, service.anywhere)
        grants.append(allow_any(f"{sid}Anywhere", actions, service.reason))
    return grants


def _through(service: Service) -> Condition | None:
    """In any Region: replicas of tables and of secrets are made from the home Region."""
    names = [Sub(f"{name}.*.${{AWS::URLSuffix}}") for name in service.through]
    return Condition(StringLike({"kms:ViaService": names})) if names else None


def _actions(prefix: str, words: str) -> list[Action]:
    return [Action(prefix, word) for word in words.split()]


def _records(zone: Resource) -> list[Grant]:
    """Records of the platform's zone only: of load balancers, certificates, health checks."""
    arn = Sub("arn:${AWS::Partition}:route53:::hostedzone/${Zone}", Zone=zone)
    words = "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets ListTagsForResource"
    return [allow("Records", _actions("route53", words), [arn])]


# --- IAM ------------------------------------------------------------------------------------------


def _identity(settings: Settings) -> list[Grant]:
    roles = [_iam(f"role/{settings.prefix}-*")]
    return [
        _bounded_roles(settings, roles),
        allow("Roles", _actions("iam", _ROLE_WORDS), roles),
        allow(
            "InstanceProfiles",
            _actions("iam", _PROFILE_WORDS),
            [_iam(f"instance-profile/{settings.prefix}-*")],
        ),
        allow("Policies", _actions("iam", _POLICY_WORDS), [_iam(f"policy/{settings.prefix}-*")]),
        _passing(settings, roles),
        _linking(settings),
        _hands_off(settings),
    ]


_ROLE_WORDS = (
    "GetRole DeleteRole UpdateRole UpdateRoleDescription UpdateAssumeRolePolicy TagRole UntagRole "
    "GetRolePolicy DeleteRolePolicy DetachRolePolicy ListRolePolicies ListAttachedRolePolicies "
    "ListInstanceProfilesForRole"
)
_PROFILE_WORDS = (
    "AddRoleToInstanceProfile CreateInstanceProfile DeleteInstanceProfile GetInstanceProfile "
    "RemoveRoleFromInstanceProfile TagInstanceProfile UntagInstanceProfile"
)
_POLICY_WORDS = (
    "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion GetPolicy GetPolicyVersion "
    "ListEntitiesForPolicy ListPolicyVersions TagPolicy UntagPolicy"
)


def _bounded_roles(settings: Settings, roles: list[Resource]) -> Grant:
    """Whatever widens a role is allowed only where the boundary narrows it."""
    boundary = ArnEquals({"iam:PermissionsBoundary": Sub(names.boundary_arn(settings))})
    widening = [
        iam.CreateRole,
        iam.PutRolePolicy,
        iam.AttachRolePolicy,
        iam.PutRolePermissionsBoundary,
    ]
    return allow("BoundedRoles", widening, roles, Condition(boundary))


def _passing(settings: Settings, roles: list[Resource]) -> Grant:
    more = [service for option in chosen(settings) for service in option.recipients]
    services = [Sub(f"{service}.${{AWS::URLSuffix}}") for service in (*RECIPIENTS, *more)]
    to = Condition(StringEquals({"iam:PassedToService": services}))
    return allow("PassRoles", [iam.PassRole], roles, to)


def _linking(settings: Settings) -> Grant:
    """AWS names these roles and writes their policies."""
    more = [service for option in chosen(settings) for service in option.linked]
    services = [f"{service}.amazonaws.com" for service in (*LINKED_SERVICES, *more)]
    of = Condition(StringEquals({"iam:AWSServiceName": services}))
    return allow(
        "ServiceLinkedRoles", [iam.CreateServiceLinkedRole], [_iam("role/aws-service-role/*")], of
    )


def _hands_off(settings: Settings) -> Grant:
    """The roles that roll out and deliver share the prefix, so they are taken out by name."""
    taken = (*names.ROLLOUT_ROLES, *names.DELIVERY_ROLES)
    rollout = [_iam(f"role/{names.rollout_role(settings, each)}") for each in taken]
    statement = Statement(
        Sid="HandsOffTheRollout", Effect=Deny, Action=[Action("iam", "*")], Resource=rollout
    )
    return Grant(statement)


def _iam(resource: str) -> Sub:
    return Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{resource}")
