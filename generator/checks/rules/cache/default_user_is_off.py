from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    Spot,
    is_unknown,
    layer_tags,
    refers_to,
    report,
    resources,
    values,
)


class DefaultUserIsOff(CloudFormationLintRule):
    """A Redis user group has a default user who can do nothing."""

    id = "E9053"
    shortdesc = "The default cache user is off"
    description = (
        "A user group with Engine redis, whose users are in the template, has one with UserName"
        " default whose AccessString starts with off."
    )
    source_url = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html"
    tags = layer_tags("cache")
    risk = (
        "Redis OSS refuses a group without a default user, and the one that AWS brings may run"
        " every command."
    )
    fix = (
        "Add an AWS::ElastiCache::User with UserName default and AccessString 'off ~keys* -@all' to"
        " the group."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        users = {user.name: user for user in resources(cfn, "AWS::ElastiCache::User")}
        return [
            report(
                group, "no user of the group is named default and off: add a disabled default user"
            )
            for group in resources(cfn, "AWS::ElastiCache::UserGroup")
            if "redis" in {str(engine).lower() for engine in values(cfn, group, "Engine")}
            if (names := refers_to(group.value.get("UserIds")) & users.keys())
            if not any(_is_disabled_default(cfn, users[name]) for name in names)
        ]


def _is_disabled_default(cfn: Template, user: Spot) -> bool:
    named = any(is_unknown(name) or name == "default" for name in values(cfn, user, "UserName"))
    access = values(cfn, user, "AccessString")
    return named and any(is_unknown(rule) or str(rule).split()[:1] == ["off"] for rule in access)
