"""Aurora: PostgreSQL beside the tables, one global database over the Regions.

One template for all Regions. The home Region's makes the global database and its first cluster,
the primary one, which takes writes; every other Region's cluster joins by the derived name and is
a copy that serves reads, forwards writes, and can take over. Home's root stands first and alone
(`Scope.ROOT`), so what is joined is there.

It is a global database with one Region too: a cluster that stands cannot join one in place, for
CloudFormation would replace it, so adding a Region later would cost the data's identity.
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds (ImmutabilityHelper)

After a switchover or failover the primary cluster is elsewhere, and the stacks need not know:
nothing in them says which cluster takes writes. `docs/aurora.md` has the commands.
"""

from __future__ import annotations

from troposphere import Equals, GetAtt, Ref, Tags
from troposphere.kms import Alias, Key

from generator import names
from generator.layers import security
from generator.layers.aurora import clusters, rotation
from generator.layers.draft import Draft, Layer, Offer, Scope
from generator.policies import aurora as policies
from generator.policies.keys import key_policy
from generator.policies.statements import managed_policy

WRITER_ENDPOINT = Offer(
    "AuroraWriterEndpoint",
    "Host name for writes; TLS on port 5432. It answers where the primary cluster is.",
    published=True,
)
READER_ENDPOINT = Offer(
    "AuroraReaderEndpoint",
    "Host name for reads in this Region; TLS on port 5432.",
    published=True,
)
SECRET_NAME = Offer(
    "AuroraSecretName",
    "Secret of the database's administrator, in the home Region.",
    published=True,
)


def fill(draft: Draft) -> None:
    """The key, the administrator's password, the clusters, and who may do what with them."""
    home = draft.settings.home_region
    draft.template.add_condition(clusters.IS_HOME, Equals(Ref("AWS::Region"), home))
    key = _key(draft)
    secret = rotation.administrator(draft, GetAtt(key, "Arn"))
    cluster = clusters.cluster(draft, GetAtt(key, "Arn"), secret)
    instances = clusters.instances(draft, cluster)
    rotation.rotate(draft, secret, GetAtt(key, "Arn"), after=instances)
    _let_the_service_connect(draft, GetAtt(cluster, "DBClusterResourceId"))

    draft.offer(WRITER_ENDPOINT, GetAtt(cluster, "Endpoint.Address"))
    draft.offer(READER_ENDPOINT, GetAtt(cluster, "ReadEndpoint.Address"))
    draft.offer(SECRET_NAME, names.aurora_secret(draft.settings))


def _key(draft: Draft) -> Key:
    """Of storage, snapshots, insights and secret. RDS uses it by grants of whoever makes a cluster.

    It outlives the stack: the last snapshots need it.
    """
    key = draft.add(
        Key(
            "AuroraKey",
            Description=f"{draft.settings.prefix}: Aurora and its administrator's secret",
            KeyPolicy=key_policy(),
            EnableKeyRotation=True,
            PendingWindowInDays=security.KEY_WAITING_DAYS,
            DeletionPolicy="RetainExceptOnCreate",
            UpdateReplacePolicy="Retain",
            Tags=Tags(Name=draft.name("aurora")),
        )
    )
    alias = f"alias/{draft.name('aurora')}"
    draft.add(Alias("AuroraKeyAlias", AliasName=alias, TargetKeyId=Ref(key)))
    return key


def _let_the_service_connect(draft: Draft, cluster_resource: GetAtt) -> None:
    """The instances' role stands before the cluster has an id, so its policy comes from here."""
    about = f"{draft.settings.prefix}: connect to Aurora as {names.AURORA_USER}"
    grant = policies.connect(cluster_resource, names.AURORA_USER)
    policy = draft.add(managed_policy("ConnectPolicy", about, [grant]))
    policy.Roles = [draft.need(security.INSTANCE_ROLE_NAME)]


LAYER = Layer(
    name="aurora",
    step="",
    purpose="PostgreSQL beside the tables: one global database over the Regions",
    scope=Scope.REGIONAL,
    fill=fill,
    wanted=lambda settings: settings.aurora is not None,
)
