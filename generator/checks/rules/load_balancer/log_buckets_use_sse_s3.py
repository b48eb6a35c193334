from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import (
    EACH,
    by_key,
    differs,
    find,
    layer_tags,
    refers_to,
    report,
    resources,
)

ALGORITHM = (
    "BucketEncryption",
    "ServerSideEncryptionConfiguration",
    EACH,
    "ServerSideEncryptionByDefault",
    "SSEAlgorithm",
)


class LogBucketsUseSseS3(CloudFormationLintRule):
    """A bucket for load balancer logs is encrypted with S3's own key."""

    id = "E9034"
    shortdesc = "Load balancer log buckets use SSE-S3"
    description = (
        "A bucket of the template that access_logs.s3.bucket refers to has SSEAlgorithm AES256."
    )
    source_url = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"
    tags = layer_tags("load_balancer")
    risk = (
        "Load balancers can't write to a bucket under a KMS key: creation fails, or logs never"
        " arrive."
    )
    fix = "Give the log bucket SSEAlgorithm AES256, the only encryption that access logs support."

    def match(self, cfn: Template) -> list[RuleMatch]:
        balancers = resources(cfn, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        targets = [
            by_key(cfn, one, "LoadBalancerAttributes", "access_logs.s3.bucket") for one in balancers
        ]
        return [
            report(spot, "load balancer logs go here: SSEAlgorithm must be AES256, not KMS")
            for bucket in resources(cfn, "AWS::S3::Bucket")
            if bucket.name in refers_to(targets)
            for spot in find(cfn, bucket, *ALGORITHM)
            if differs(spot.value, "AES256", None)
        ]
