"""The role of people and pipelines who roll the platform out.

It works on stacks, stack sets and artifacts of this environment, hands CloudFormation the roles
that make the resources, and itself makes none. It reads what status, drift and outputs show, and
sets the evacuation switch.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
"""

from __future__ import annotations

from awacs import cloudwatch, iam, s3
from awacs.aws import (
    Action,
    Allow,
    ArnLike,
    Condition,
    Deny,
    PolicyDocument,
    Principal,
    Statement,
    StringEquals,
)
from awacs.sts import AssumeRole
from troposphere import Ref, Sub
from troposphere.iam import ManagedPolicy, Role

from generator import names
from generator.policies.images import image_parameters
from generator.policies.provisioning import of_services
from generator.policies.services import CONCERNS
from generator.policies.services.row import Service
from generator.policies.statements import Grant, Resource, allow, allow_any, managed_policy, role
from generator.settings.model import Settings

READING = ("Describe", "Get", "List", "View")
PASSED = ("provisioning", "stack-set-administration")
ADMINISTRATORS = ("foundation", "storage", "github_actions", "pipeline")
"""Stacks that hold what guards the deployer: it looks at them and plans, and changes nothing."""

CONTENTS = {
    "dynamodb:GetItem",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
}
"""Provisioning reads these too; to see how the platform does, nobody has to."""


def deployer_role(settings: Settings, principals: Ref, reading: ManagedPolicy) -> Role:
    """The role. `principals` is a pattern of ARNs, an operator's to narrow."""
    made = role(
        "DeployerRole",
        _trust(principals),
        grants(settings),
        name=names.rollout_role(settings, "deployer"),
    )
    made.ManagedPolicyArns = [Ref(reading)]
    return made


def grants(settings: Settings) -> list[Grant]:
    """What rolling out takes, beside `reading_policy`; whoever else deploys has the same."""
    return [
        *_stacks(settings),
        _hands_off(settings),
        *_stack_sets(settings),
        *_artifacts(settings),
        _roles(settings),
        _switch(settings),
        _load_balancers(settings),
        image_parameters(settings),
    ]


def _trust(principals: Ref) -> PolicyDocument:
    """This account's principals whom their own policies let at it, and whose ARN fits.

    By default the ARN must be a role's: people come from IAM Identity Center and pipelines by
    roles, and an IAM user with a long-lived key is refused. aws:MultiFactorAuthPresent would not
    do: it is missing from such sessions, however people logged in.
    """
    root = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    statement = Statement(
        Effect=Allow,
        Principal=Principal("AWS", root),
        Action=[AssumeRole],
        Condition=Condition(ArnLike({"aws:PrincipalArn": principals})),
    )
    return PolicyDocument(Version="2012-10-17", Statement=[statement])


def _stacks(settings: Settings) -> list[Grant]:
    """Everything one does with a stack, on this environment's."""
    words = (
        "CreateStack UpdateStack DeleteStack Describe* List* Get* CreateChangeSet "
        "ExecuteChangeSet DeleteChangeSet CancelUpdateStack ContinueUpdateRollback RollbackStack "
        "SetStackPolicy UpdateTerminationProtection DetectStackDrift DetectStackResourceDrift "
        "TagResource UntagResource"
    )
    own = [
        _cloudformation(f"stack/{settings.prefix}-*/*"),
        _cloudformation(f"stack/StackSet-{settings.prefix}-*/*"),
    ]
    everywhere = (
        "ListStacks ListStackSets ListExports ListImports GetTemplateSummary "
        "DescribeStacks DescribeStackDriftDetectionStatus"
    )
    reason = "AWS authorises listing (DescribeStacks without a name) and the state of "
    reason += "a drift run on * only."
    return [
        allow("Stacks", _of("cloudformation", words), own),
        allow(
            "NestedChangeSets",
            _of("cloudformation", "DescribeChangeSet"),
            [
                _cloudformation("changeSet/gtm-*/*"),
                _cloudformation(f"changeSet/{settings.prefix}-*/*"),
            ],
        ),
        allow_any("LookAround", _of("cloudformation", everywhere), reason),
    ]


def _hands_off(settings: Settings) -> Grant:
    """An administrator's stacks share the prefix, so they are taken out by name.

    CloudFormation works on a stack in the role that it was last given, whether or not the caller
    may pass that role: had an administrator given one, it would be the deployer's too.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
    """
    words = (
        "CreateStack UpdateStack DeleteStack ExecuteChangeSet CancelUpdateStack "
        "ContinueUpdateRollback RollbackStack SetStackPolicy UpdateTerminationProtection"
    )
    names_of = [name.replace("_", "-") for name in ADMINISTRATORS]
    stacks = [_cloudformation(f"stack/{settings.prefix}-{name}/*") for name in names_of]
    statement = Statement(
        Sid="HandsOffTheGuards",
        Effect=Deny,
        Action=_of("cloudformation", words),
        Resource=stacks,
    )
    return Grant(statement)


def _stack_sets(settings: Settings) -> list[Grant]:
    words = (
        "CreateStackSet UpdateStackSet DeleteStackSet CreateStackInstances UpdateStackInstances "
        "DeleteStackInstances DescribeStackSet DescribeStackSetOperation DescribeStackInstance "
        "ListStackInstances ListStackSetOperations ListStackSetOperationResults "
        "ListStackInstanceResourceDrifts StopStackSetOperation TagResource "
        "UntagResource"
    )
    own = [
        _cloudformation(f"stackset/{settings.prefix}-*"),
        _cloudformation(f"stackset-target/{settings.prefix}-*"),
        # A stack set's call is also checked against each type in its template.
        Sub("arn:${AWS::Partition}:cloudformation:*::type/resource/*"),
    ]
    if settings.organization is None:
        return [allow("StackSets", _of("cloudformation", words), own)]
    # A service-managed set is the management account's, and its instances the members'.
    anyones = [
        Sub(f"arn:${{AWS::Partition}}:cloudformation:*:*:{kind}/{settings.prefix}-*")
        for kind in ("stackset", "stackset-target")
    ]
    asked = "DescribeOrganization ListAccountsForParent ListOrganizationalUnitsForParent"
    reason = "AWS authorises looking at an organization as a whole; it changes nothing."
    return [
        allow("StackSets", _of("cloudformation", words), [*own, *anyones]),
        allow_any("Organization", _of("organizations", asked), reason),
    ]


def _artifacts(settings: Settings) -> list[Grant]:
    """Upload a release, and see what is there; never delete one."""
    bucket = f"arn:${{AWS::Partition}}:s3:::{settings.prefix}-artifacts-${{AWS::AccountId}}-*"
    return [
        allow("ArtifactBuckets", [s3.ListBucket, s3.GetBucketLocation], [Sub(bucket)]),
        allow("Artifacts", [s3.GetObject, s3.PutObject], [Sub(bucket + "/*")]),
        _hands_off_templates(bucket),
    ]


def _hands_off_templates(bucket: str) -> Grant:
    """What an administrator's stacks are made from, with an administrator's rights."""
    templates = [Sub(f"{bucket}/*/{name}-*.template.json") for name in ADMINISTRATORS]
    return Grant(
        Statement(
            Sid="HandsOffTheirTemplates", Effect=Deny, Action=[s3.PutObject], Resource=templates
        )
    )


def _roles(settings: Settings) -> Grant:
    """Two roles, to CloudFormation only: what it makes, it makes in these."""
    arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/"
    passed = [Sub(arn + names.rollout_role(settings, purpose)) for purpose in PASSED]
    to = Condition(StringEquals({"iam:PassedToService": "cloudformation.amazonaws.com"}))
    return allow("PassRoles", [iam.PassRole], passed, to)


def _switch(settings: Settings) -> Grant:
    """Evacuate and restore: one metric of one namespace."""
    namespace = StringEquals({"cloudwatch:namespace": names.switch_namespace(settings)})
    reason = "A metric has no ARN; the namespace is the condition."
    return allow_any("Evacuate", [cloudwatch.PutMetricData], reason, Condition(namespace))


def _load_balancers(settings: Settings) -> Grant:
    """A protected load balancer can't be deleted by CloudFormation either, so where one goes with
    its Region the rollout takes the protection off: of the platform's own, which bear its tag.
    """
    # Of a name that it generates CloudFormation cuts the prefix: the tag is what scopes.
    arn = Sub("arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:loadbalancer/app/*")
    tagged = Condition(StringEquals({f"aws:ResourceTag/{names.PLATFORM_TAG}": settings.prefix}))
    return allow(
        "LiftProtection", _of("elasticloadbalancing", "ModifyLoadBalancerAttributes"), [arn], tagged
    )


# --- reading --------------------------------------------------------------------------------------


def reading_policy(settings: Settings) -> ManagedPolicy:
    """To see how the platform does: what provisioning reads, but no secret, object or item.

    Drift detection needs it too: CloudFormation compares in its caller's name.
    """
    by_prefix: dict[str, Service] = {}
    for service in _reads_of_provisioning():
        known = by_prefix.get(service.prefix)
        by_prefix[service.prefix] = _joined(known, service) if known else service
    grants = [*of_services(settings, by_prefix.values()), *_more_reads(settings)]
    policy = managed_policy(
        "DeployerReading", f"{settings.prefix}: status and drift of the platform", grants
    )
    policy.Path = f"/{settings.prefix}/"
    return policy


def _reads_of_provisioning() -> list[Service]:
    """Its rows, cut down to what reads; a service may have rows in several concerns.

    Not those of stacks, which the deployer has anyway.
    """
    return [
        service._replace(
            actions=_reads(service.prefix, service.actions),
            anywhere=_reads(service.prefix, service.anywhere),
        )
        for concern, services in CONCERNS.items()
        if concern != "Stacks"
        for service in services
    ]


def _reads(prefix: str, words: str) -> str:
    return " ".join(
        word
        for word in words.split()
        if word.startswith(READING) and f"{prefix}:{word}" not in CONTENTS
    )


def _joined(first: Service, second: Service) -> Service:
    return first._replace(
        actions=f"{first.actions} {second.actions}".strip(),
        on=(*first.on, *second.on),
        anywhere=f"{first.anywhere} {second.anywhere}".strip(),
    )


def _more_reads(settings: Settings) -> list[Grant]:
    """What provisioning has elsewhere (records, roles), and the state of health checks."""
    zones = [Sub("arn:${AWS::Partition}:route53:::hostedzone/*")]
    roles = [Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/" + f"{settings.prefix}-*")]
    checks = [Sub("arn:${AWS::Partition}:route53:::healthcheck/*")]
    role_words = "GetRole GetRolePolicy ListAttachedRolePolicies ListRolePolicies"
    reason = "Health checks are listed as a whole."
    return [
        allow("Records", _of("route53", "GetHostedZone ListResourceRecordSets"), zones),
        allow("Health", _of("route53", "GetHealthCheckStatus"), checks),
        allow_any("HealthChecks", _of("route53", "ListHealthChecks"), reason),
        allow("RolesOfThePlatform", _of("iam", role_words), roles),
    ]


def _of(prefix: str, words: str) -> list[Action]:
    return [Action(prefix, word) for word in words.split()]


def _cloudformation(resource: str) -> Resource:
    return Sub(f"arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:{resource}")
