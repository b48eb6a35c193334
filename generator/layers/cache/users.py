"""05 cache, its users: who may connect, and with which rights.

The service's user `app` has a password that is generated into Secrets Manager and never seen by
anyone. The `default` user that every client is before it says who it is belongs to the group too,
but is off: Redis OSS refuses a group without it.

To change the password, give the user both (`aws elasticache modify-user --passwords OLD NEW`), put
NEW into the secret, let the instances read it, and give the user NEW alone. CloudFormation reads
the secret only when the user is created or changed, so it stays out of the way.

https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html
"""

from __future__ import annotations

from troposphere import Ref
from troposphere.elasticache import User, UserGroup
from troposphere.secretsmanager import GenerateSecretString, Secret

from generator import names
from generator.layers import security
from generator.layers.draft import Draft, sub

USER = "app"
PASSWORD_LENGTH = 64
APP_RIGHTS = (
    "on ~* &* -@all +@read +@write +@connection +@transaction +@scripting +@pubsub "
    # Cluster clients ask for slots; all of @dangerous (KEYS, FLUSHALL, CONFIG) stays shut.
    "-@dangerous +cluster|slots +cluster|shards +cluster|nodes"
)
NO_RIGHTS = "off ~* -@all"


def users(draft: Draft) -> UserGroup:
    """The service's user, and the disabled one that a client is before it says who it is."""
    secret = _password(draft)
    password = sub("{{resolve:secretsmanager:${Secret}:SecretString:password}}", Secret=Ref(secret))
    rights = {"AppUser": (USER, APP_RIGHTS), "DefaultUser": ("default", NO_RIGHTS)}
    users = [
        draft.add(
            User(
                title,
                # An id can't be changed and is unique in the Region.
                UserId=draft.name(name),
                UserName=name,
                Engine=draft.settings.cache.engine,
                AccessString=access,
                Passwords=[password],
            )
        )
        for title, (name, access) in rights.items()
    ]
    return draft.add(
        UserGroup(
            "UserGroup",
            UserGroupId=draft.name("cache"),
            Engine=draft.settings.cache.engine,
            UserIds=[Ref(user) for user in users],
        )
    )


def _password(draft: Draft) -> Secret:
    """Letters and digits: ElastiCache refuses some punctuation, and 64 of them are plenty."""
    secret = draft.add(
        Secret(
            "CacheSecret",
            Name=names.cache_secret(draft.settings),
            Description="User and password of the Region's cache.",
            KmsKeyId=draft.need(security.DATA_KEY_ARN),
            GenerateSecretString=GenerateSecretString(
                SecretStringTemplate=f'{{"username": "{USER}"}}',
                GenerateStringKey="password",
                PasswordLength=PASSWORD_LENGTH,
                ExcludePunctuation=True,
            ),
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
        )
    )
    reason = "ElastiCache has no managed rotation; the module says how two passwords overlap."
    draft.excuse(secret, "CKV2_AWS_57", reason)
    reason = (
        "The password of a user that goes with it opens nothing, and a kept secret would hold the "
        "name that the Region's next cache needs."
    )
    draft.excuse(secret, "E9001", reason)
    return secret
