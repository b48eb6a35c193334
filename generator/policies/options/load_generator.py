"""What `load_generator` adds to the rights of the rollout's roles."""

from __future__ import annotations

from generator.policies.options.option import Option
from generator.policies.services.row import Service, here

OPTION = Option(
    services=(
        # The layer's own bucket. Objects in it are nobody's business but the load test's.
        Service(
            "s3",
            "CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration "
            "GetAnalyticsConfiguration GetBucket* GetEncryptionConfiguration "
            "GetIntelligentTieringConfiguration GetInventoryConfiguration "
            "GetLifecycleConfiguration GetMetricsConfiguration GetReplicationConfiguration "
            "ListTagsForResource PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning "
            "PutEncryptionConfiguration PutLifecycleConfiguration TagResource UntagResource",
            ("arn:${AWS::Partition}:s3:::{prefix}-loadtests-*",),
        ),
    ),
    own={
        "autoscaling": (
            "SetDesiredCapacity",
            here("autoscaling", "autoScalingGroup:*:autoScalingGroupName/{prefix}-load-*"),
        ),
    },
)
