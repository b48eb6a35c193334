"""02 security: who may talk to whom, who may do what, and under which keys.

Security groups (`security_groups`), interface endpoints (`interface_endpoints`), the closed default
group and the look-up of prefix lists (`custom_resources`), the instance role, and two keys: one for
logs, one for what the platform stores. The tables have a key of their own, in `database_key`.
"""

from __future__ import annotations

from awacs.aws import PolicyDocument
from troposphere import GetAtt, Ref, Tags
from troposphere.ec2 import SecurityGroup
from troposphere.iam import InstanceProfile, Role
from troposphere.kms import Alias, Key

from generator import names
from generator.layers import network, root
from generator.layers.draft import ARN_PATTERN, Draft, Expression, Layer, Offer, Scope, sub
from generator.layers.security.custom_resources import close_default_group, prefix_lists
from generator.layers.security.groups import (
    Groups,
    add_database_group,
    add_endpoint_group,
    add_groups,
    listener_ports,
    open_to_prefix_list,
    open_to_the_world,
    prefix_list_names,
)
from generator.layers.security.interface_endpoints import add_interface_endpoints
from generator.policies import instance
from generator.policies.keys import key_policy
from generator.policies.logging import logs_key_policy
from generator.policies.statements import role
from generator.policies.trust import EC2, plain_trust

GROUP = "AWS::EC2::SecurityGroup::Id"
LOAD_BALANCER_GROUPS = Offer(
    "LoadBalancerSecurityGroupIds", "Security groups of the load balancer.", type=f"List<{GROUP}>"
)
APPLICATION_GROUP = Offer(
    "ApplicationSecurityGroupId", "Security group of the instances.", type=GROUP
)
CACHE_GROUP = Offer("CacheSecurityGroupId", "Security group of the cache nodes.", type=GROUP)
DATABASE_GROUP = Offer("DatabaseSecurityGroupId", "Security group of Aurora.", type=GROUP)
INSTANCE_ROLE_NAME = Offer("InstanceRoleName", "Role of the service on the instances.")
INSTANCE_PROFILE_ARN = Offer(
    "InstanceProfileArn", "Instance profile of the service.", pattern=ARN_PATTERN
)
LOGS_KEY_ARN = Offer("LogsKeyArn", "Key of the Region's log groups.", pattern=ARN_PATTERN)
DATA_KEY_ARN = Offer("DataKeyArn", "Key of the Region's cache and secrets.", pattern=ARN_PATTERN)

PLATFORM_TAG = "Platform"
"""Tag of the Auto Scaling group; its value is the environment's prefix. The instance role may act
on groups that have it."""

KEY_WAITING_DAYS = 30
"""Days in which a key's deletion can be cancelled: the longest there is."""


def fill(draft: Draft) -> None:
    """Keys first, since logs need one; then the groups, the doors, the role."""
    vpc = draft.need(network.VPC_ID)
    logs_key = _key(draft, "LogsKey", "logs", "log groups", logs_key_policy())
    data_key = _key(draft, "DataKey", "data", "the cache and its secrets", key_policy())
    close_default_group(draft, vpc, GetAtt(logs_key, "Arn"))
    groups = add_groups(draft, vpc)
    doors = _doors(draft, vpc, groups, GetAtt(logs_key, "Arn"))
    if draft.settings.network.interface_endpoints:
        add_interface_endpoints(draft, add_endpoint_group(draft, vpc, groups.application))
    if draft.settings.aurora:
        database = add_database_group(draft, vpc, groups.application)
        draft.offer(DATABASE_GROUP, GetAtt(database, "GroupId"))

    draft.offer(LOAD_BALANCER_GROUPS, [GetAtt(group, "GroupId") for group in doors])
    draft.offer(APPLICATION_GROUP, GetAtt(groups.application, "GroupId"))
    draft.offer(CACHE_GROUP, GetAtt(groups.cache, "GroupId"))
    holder = _instance_role(draft, data_key)
    profile = draft.add(InstanceProfile("InstanceProfile", Roles=[Ref(holder)]))
    draft.offer(INSTANCE_ROLE_NAME, Ref(holder))
    draft.offer(INSTANCE_PROFILE_ARN, GetAtt(profile, "Arn"))
    draft.offer(LOGS_KEY_ARN, GetAtt(logs_key, "Arn"))
    draft.offer(DATA_KEY_ARN, GetAtt(data_key, "Arn"))


def _key(draft: Draft, title: str, suffix: str, purpose: str, policy: PolicyDocument) -> Key:
    key = draft.add(
        Key(
            title,
            Description=f"{draft.settings.prefix}: {purpose}",
            KeyPolicy=policy,
            EnableKeyRotation=True,
            PendingWindowInDays=KEY_WAITING_DAYS,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            Tags=Tags(Name=draft.name(suffix)),
        )
    )
    alias = f"alias/{draft.name(suffix)}"
    draft.add(Alias(f"{title}Alias", AliasName=alias, TargetKeyId=Ref(key)))
    return key


def _doors(
    draft: Draft, vpc: Expression, groups: Groups, logs_key: Expression
) -> list[SecurityGroup]:
    """All groups of the load balancer: its role's, and what opens it to users or to the edge."""
    if not draft.settings.edge.enabled:
        open_to_the_world(draft, groups.load_balancer)
        return [groups.load_balancer]
    lists = prefix_lists(draft, prefix_list_names(draft.settings), logs_key)
    doors = [
        open_to_prefix_list(draft, vpc, title, found, port)
        for title, found in lists.items()
        for port in listener_ports(draft.settings)
    ]
    return [groups.load_balancer, *doors]


def _instance_role(draft: Draft, data_key: Key) -> Role:
    reach = _reach(draft, GetAtt(data_key, "Arn"))
    holder = draft.add(role("InstanceRole", plain_trust(EC2), instance.grants(reach)))
    reason = "What is allowed on * is a session of one's own and metrics in one namespace."
    draft.excuse(holder, "CKV_AWS_111", reason)
    return holder


def _reach(draft: Draft, data_key: Expression) -> instance.Reach:
    """What of the platform an instance uses, by its derived names."""
    settings = draft.settings
    archives = sub(
        "arn:${AWS::Partition}:s3:::${Bucket}/${Prefix}*",
        Bucket=draft.need(root.ARTIFACT_BUCKET),
        Prefix=draft.need(root.ARTIFACT_PREFIX),
    )
    origin_secret = [names.origin_secret(settings)] if settings.edge.enabled else []
    return instance.Reach(
        archives=archives,
        tables=[names.table(settings, purpose) for purpose in names.TABLES],
        table_key_alias=names.database_key_alias(settings),
        secrets=[names.cache_secret(settings), *origin_secret],
        data_key=data_key,
        log_group=names.service_log_group(settings),
        namespace=names.service_namespace(settings),
        group_tag=(PLATFORM_TAG, settings.prefix),
    )


LAYER = Layer(
    name="security",
    step="02",
    purpose="Security groups by role, interface endpoints, instance role, keys for logs and data",
    scope=Scope.REGIONAL,
    fill=fill,
    after=("storage",),
)
