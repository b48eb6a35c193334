"""Aurora's principals: the service that connects to it, and the function that rotates its password.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html
"""

from __future__ import annotations

from collections.abc import Sequence

from awacs import kms, rds, secretsmanager
from awacs.aws import Action, Condition, StringEquals
from troposphere import Sub

from generator.policies.statements import Grant, Resource, allow, allow_any


def connect(cluster_resource: Resource, user: str) -> Grant:
    """Connect as one database user to one cluster, by its resource id: a name could be reused."""
    users = "arn:${AWS::Partition}:rds-db:${AWS::Region}:${AWS::AccountId}:dbuser:"
    arn = Sub(users + "${Cluster}/" + user, Cluster=cluster_resource)
    return allow("ConnectToAurora", [Action("rds-db", "connect")], [arn])


def rotate(secret: Resource, key: Resource, database: str) -> Sequence[Grant]:
    """Renew one secret, and the password of one global database, wherever its writer is."""
    clusters = f"arn:${{AWS::Partition}}:rds:*:${{AWS::AccountId}}:cluster:{database}"
    whole = f"arn:${{AWS::Partition}}:rds::${{AWS::AccountId}}:global-cluster:{database}"
    service = Sub("secretsmanager.${AWS::Region}.amazonaws.com")
    return [
        allow(
            "RenewSecret",
            [
                secretsmanager.DescribeSecret,
                secretsmanager.GetSecretValue,
                secretsmanager.PutSecretValue,
                secretsmanager.UpdateSecretVersionStage,
            ],
            [secret],
        ),
        allow_any(
            "MakePassword", [secretsmanager.GetRandomPassword], "A random password is no resource."
        ),
        allow(
            "UseSecretsKey",
            [kms.Decrypt, kms.GenerateDataKey],
            [key],
            Condition(StringEquals("kms:ViaService", service)),
        ),
        allow("FindWriter", [rds.DescribeGlobalClusters], [Sub(whole)]),
        allow("SetPassword", [rds.DescribeDBClusters, rds.ModifyDBCluster], [Sub(clusters)]),
    ]
