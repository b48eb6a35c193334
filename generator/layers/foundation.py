"""Foundation: what stands once, in the home Region, before the platform itself.

The roles that roll the platform out, the permissions boundary of all roles that it makes, the
hosted zone, and the secret between CloudFront and the load balancers. It makes what guards the
rest, so an administrator of the account creates and updates it, and `storage` before it, with
their own rights; everything after it runs in the roles made here. There is no IAM user.
"""

from __future__ import annotations

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole
from troposphere import Ref
from troposphere.iam import ManagedPolicy, Role
from troposphere.route53 import HostedZone, HostedZoneConfiguration
from troposphere.secretsmanager import GenerateSecretString, ReplicaRegion, Secret

from generator import names
from generator.layers.draft import Draft, Expression, Layer, Offer, Scope, Tunable
from generator.policies import boundary, deployer, provisioning
from generator.policies.stack_set_administration import administration_role
from generator.policies.stack_set_execution import execution_role

SECRET_LENGTH = 48
"""Letters and digits: some 285 bits, and nothing that a header would have to escape."""

HOSTED_ZONE_ID = Offer(
    "HostedZoneId",
    "The domain's public hosted zone.",
    type="AWS::Route53::HostedZone::Id",
    scope=Scope.HOME,
    published=True,
)

ACCOUNT_ID = Offer(
    "PlatformAccountId",
    "The account that the platform stands in.",
    scope=Scope.HOME,
    pattern=r"^\d{12}$",
)


def fill(draft: Draft) -> None:
    """The zone first: provisioning may write records in it and nowhere else."""
    zone = _hosted_zone(draft)
    policies = [_broad(draft, made) for made in provisioning.policies(draft.settings, zone)]
    _broad(draft, boundary.boundary(draft.settings))
    _stack_set_roles(draft, policies)
    _provisioning_role(draft, policies)
    _deployer_role(draft)
    if draft.settings.edge.enabled:
        _origin_secret(draft)
    if zone is not None:
        draft.offer(HOSTED_ZONE_ID, zone)
    draft.offer(ACCOUNT_ID, Ref("AWS::AccountId"))


# --- DNS ------------------------------------------------------------------------------------------


def _hosted_zone(draft: Draft) -> Expression | None:
    """The domain's zone: made here, or named in the settings; None without a domain."""
    domain = draft.settings.domain
    if domain is None:
        return None
    if domain.hosted_zone_id is None:
        return Ref(_new_zone(draft, domain.name))
    return draft.tune(
        Tunable(
            "ExistingHostedZoneId",
            "Hosted zone",
            "Id of the domain's existing public hosted zone.",
            default=domain.hosted_zone_id,
            type="AWS::Route53::HostedZone::Id",
            cost="Free here: a zone is billed per month, whoever made it.",
        )
    )


def _new_zone(draft: Draft, domain: str) -> HostedZone:
    """Nothing validates in it until the registrar delegates to its name servers."""
    zone = draft.add(
        HostedZone(
            "HostedZone",
            Name=domain,
            HostedZoneConfig=HostedZoneConfiguration(Comment=f"{draft.settings.prefix}: platform"),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
        )
    )
    reason = "Query logs go to us-east-1 only, and CloudFront logs the requests that follow."
    draft.excuse(zone, "CKV2_AWS_39", reason)
    draft.excuse(
        zone, "CKV2_AWS_38", "DNSSEC needs a step at the registrar that no stack can take."
    )
    return zone


# --- roles ----------------------------------------------------------------------------------------


def _broad(draft: Draft, policy: ManagedPolicy) -> ManagedPolicy:
    """A policy that has to say `*`; each such statement has its own reason in the Metadata."""
    for check in ("CKV_AWS_108", "CKV_AWS_109", "CKV_AWS_111"):
        draft.excuse(policy, check, "What has to be * gives its reason in WildcardResources.")
    return draft.add(policy)


def _stack_set_roles(draft: Draft, policies: list[ManagedPolicy]) -> None:
    administration = draft.add(administration_role(draft.settings))
    execution = draft.add(execution_role(draft.settings, administration, policies))
    for check in ("CKV_AWS_108", "CKV_AWS_111"):
        draft.excuse(execution, check, "AWS does not name the bucket and topic of StackSets.")


def _provisioning_role(draft: Draft, policies: list[ManagedPolicy]) -> None:
    """CloudFormation's role for the plain stacks: the deployer needs no right on any resource.

    No aws:SourceAccount: CloudFormation documents none for service roles, and takes one only after
    iam:PassRole was checked in the role's own account.
    """
    service = Principal("Service", "cloudformation.amazonaws.com")
    statement = Statement(Effect=Allow, Principal=service, Action=[AssumeRole])
    draft.add(
        Role(
            "ProvisioningRole",
            RoleName=names.rollout_role(draft.settings, "provisioning"),
            AssumeRolePolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[statement]),
            ManagedPolicyArns=[Ref(policy) for policy in policies],
        )
    )


def _deployer_role(draft: Draft) -> None:
    principals = draft.tune(
        Tunable(
            "DeployerPrincipals",
            "Who may deploy",
            "Pattern of the ARNs of this account's principals that may take the deployer role. "
            "By default any role whose own policies allow it, and no IAM user.",
            default="arn:*:iam::*:role/*",
            pattern=r"^arn:[a-z*-]+:iam::[0-9*]+:[A-Za-z0-9+=,.@_/*-]+$",
            cost="Free.",
        )
    )
    reading = draft.add(deployer.reading_policy(draft.settings))
    draft.add(deployer.deployer_role(draft.settings, principals, reading))


# --- the origin secret ----------------------------------------------------------------------------


def _origin_secret(draft: Draft) -> None:
    """CloudFront sends it, load balancers demand it; every Region reads its own replica.

    Under the AWS-managed key of each Region: a replica needs a key where it stands, and the
    platform's own keys come with stacks that need this one.
    """
    settings = draft.settings
    others = [name for name in settings.all_regions if name != settings.home_region]
    replicas = {"ReplicaRegions": [ReplicaRegion(Region=name) for name in others]}
    secret = draft.add(
        Secret(
            "OriginSecret",
            Name=names.origin_secret(settings),
            Description="Header between CloudFront and the load balancers.",
            GenerateSecretString=GenerateSecretString(
                SecretStringTemplate="{}",
                GenerateStringKey="value",
                PasswordLength=SECRET_LENGTH,
                ExcludePunctuation=True,
            ),
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            **(replicas if others else {}),
        )
    )
    draft.excuse(
        secret, "CKV_AWS_149", "Its replicas stand before any Region has a key of the platform's."
    )
    draft.excuse(
        secret, "CKV2_AWS_57", "Both ends take it from a deployment, which is how it is changed."
    )


LAYER = Layer(
    name="foundation",
    step="",
    purpose="Roles and boundary of the rollout, hosted zone, origin secret",
    scope=Scope.HOME,
    fill=fill,
    after=("storage",),
    bounded=False,
)
