"""Tables, caches, secrets, keys, backups; the buckets only to read from."""

from __future__ import annotations

from generator.policies.services.row import READ_ONLY, Service, here

THROUGH = ("backup", "dax", "dynamodb", "elasticache", "lambda", "rds", "secretsmanager")
"""Services that use a key with the rights of whoever makes a resource there; nothing else encrypts
or decrypts as CloudFormation. ElastiCache needs both its own name and DAX's.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
"""

ROWS = (
    Service(
        "dynamodb",
        # The item actions are what DynamoDB checks before it copies a table to a new Region.
        "BatchWriteItem CreateTable CreateTableReplica DeleteItem DeleteTable "
        "DeleteTableReplica Describe* GetItem GetResourcePolicy ListTagsOfResource PutItem "
        "Query Scan TagResource UntagResource UpdateContinuousBackups UpdateContributorInsights "
        "UpdateItem UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive",
        (here("dynamodb", "table/{prefix}-*"),),
        anywhere="DescribeLimits",
        reason=READ_ONLY,
    ),
    Service(
        "application-autoscaling",
        anywhere="Describe* DeleteScalingPolicy DeregisterScalableTarget ListTagsForResource "
        "PutScalingPolicy RegisterScalableTarget",
        reason="A scalable target has an id of AWS's choice; the table is no resource of it.",
    ),
    Service(
        "elasticache",
        anywhere="Describe* ListTagsForResource AddTagsToResource RemoveTagsFromResource "
        "CreateCacheCluster DeleteCacheCluster CreateReplicationGroup ModifyReplicationGroup "
        "DeleteReplicationGroup CreateSnapshot IncreaseReplicaCount DecreaseReplicaCount "
        "ModifyReplicationGroupShardConfiguration CreateUser ModifyUser DeleteUser "
        "CreateUserGroup ModifyUserGroup DeleteUserGroup CreateCacheSubnetGroup "
        "ModifyCacheSubnetGroup DeleteCacheSubnetGroup CreateCacheParameterGroup "
        "ModifyCacheParameterGroup DeleteCacheParameterGroup",
        reason="CloudFormation names replication groups without the stack's name.",
    ),
    Service(
        "secretsmanager",
        "CreateSecret DeleteSecret DescribeSecret GetSecretValue "
        "RemoveRegionsFromReplication ReplicateSecretToRegions TagResource UntagResource "
        "UpdateSecret",
        (here("secretsmanager", "secret:{prefix}/*"),),
        anywhere="GetRandomPassword",
        reason="A random password is no resource.",
    ),
    Service(
        "kms",
        "CreateAlias DeleteAlias UpdateAlias DescribeKey DisableKey DisableKeyRotation EnableKey "
        "EnableKeyRotation GetKeyPolicy GetKeyRotationStatus ListResourceTags PutKeyPolicy "
        "ReplicateKey RetireGrant RevokeGrant ScheduleKeyDeletion TagResource UntagResource "
        "UpdateKeyDescription",
        # A key has no name; what a key's own policy withholds from the account stays withheld.
        (here("kms", "key/*"), here("kms", "alias/{prefix}-*")),
        anywhere="CreateKey ListAliases",
        reason="A key that is not there yet has no ARN; aliases are listed as a whole.",
    ),
    Service(
        "kms",
        "CreateGrant Decrypt Encrypt GenerateDataKey",
        (here("kms", "key/*"),),
        title="KmsThroughServices",
        through=THROUGH,
    ),
    Service(
        "backup",
        "CreateBackupVault DeleteBackupVault DescribeBackupVault GetBackupVault* "
        "CreateBackupPlan DeleteBackupPlan GetBackupPlan UpdateBackupPlan "
        "CreateBackupSelection DeleteBackupSelection GetBackupSelection ListTags TagResource "
        "UntagResource",
        (here("backup", "backup-vault:{prefix}-*"), here("backup", "backup-plan:*")),
    ),
    Service(
        "backup-storage",
        anywhere="MountCapsule",
        reason="AWS Backup's own storage behind a vault; it knows no resource.",
    ),
    # The platform's buckets are the storage stack's, which is an administrator's: templates and
    # code are read, and services that log into a bucket look at its policy.
    Service(
        "s3",
        "GetObject GetObjectVersion ListBucket GetBucketLocation GetBucketPolicy GetBucketAcl",
        ("arn:${AWS::Partition}:s3:::{prefix}-*",),
    ),
)
