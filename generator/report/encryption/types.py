"""Every resource type of the platform: who reads it, or why there is nothing to read.

A type that is in neither is a gap, so nobody can add a store, log, queue or link of a new kind
without saying here what protects it.
"""

from __future__ import annotations

from generator.report.encryption import (
    buckets,
    databases,
    delivery,
    edge,
    keys,
    logs,
    machines,
    messages,
    network,
    policies,
    relational,
)
from generator.report.encryption.rows import Reader

READERS: dict[str, Reader] = {
    **buckets.READERS,
    **databases.READERS,
    **delivery.READERS,
    **edge.READERS,
    **keys.READERS,
    **logs.READERS,
    **machines.READERS,
    **messages.READERS,
    **network.READERS,
    **policies.READERS,
    **relational.READERS,
}

RIGHTS = "says who may do what"
PLAN = "says what the service has to do, with nobody's data"
SHAPE = "is of another resource, which has the row"
ROUTE = "says where packets go; both ends of a link have its row"
WATCH = "names metrics, thresholds and whom to tell; no user's data is in them"
STARTS = "starts instances, whose volumes and links have rows"
PUBLIC = "holds names that anyone may ask for; answers of public DNS are not secret"
TOLD = "a call by CloudFormation to a function, over TLS, that names no data"

NOTHING: dict[str, str] = {
    "AWS::ARCRegionSwitch::Plan": PLAN,
    "AWS::AutoScaling::AutoScalingGroup": STARTS,
    "AWS::AutoScaling::LifecycleHook": PLAN,
    "AWS::AutoScaling::ScalingPolicy": PLAN,
    "AWS::AutoScaling::ScheduledAction": PLAN,
    "AWS::AutoScaling::WarmPool": STARTS,
    "AWS::Backup::BackupPlan": PLAN,
    "AWS::Backup::BackupSelection": PLAN,
    "AWS::Budgets::Budget": WATCH,
    "AWS::CloudFormation::Stack": "nests a template, whose resources have rows",
    "AWS::CloudFormation::WaitCondition": PLAN,
    "AWS::CloudFormation::WaitConditionHandle": PLAN,
    "AWS::CloudFront::CachePolicy": PLAN,
    "AWS::CloudFront::Function": "code that templates/ shows; keeps nothing",
    "AWS::CloudFront::MonitoringSubscription": WATCH,
    "AWS::CloudFront::OriginRequestPolicy": PLAN,
    "AWS::CloudFront::ResponseHeadersPolicy": PLAN,
    "AWS::CloudWatch::Alarm": WATCH,
    "AWS::CloudWatch::AnomalyDetector": WATCH,
    "AWS::CloudWatch::CompositeAlarm": WATCH,
    "AWS::CloudWatch::Dashboard": WATCH,
    "AWS::EC2::EIP": ROUTE,
    "AWS::EC2::InternetGateway": ROUTE,
    "AWS::EC2::NatGateway": ROUTE,
    "AWS::EC2::Route": ROUTE,
    "AWS::EC2::RouteTable": ROUTE,
    "AWS::EC2::SecurityGroupIngress": "lets in; the one who sends has the row of the link",
    "AWS::EC2::Subnet": ROUTE,
    "AWS::EC2::SubnetRouteTableAssociation": ROUTE,
    "AWS::EC2::VPC": ROUTE,
    "AWS::EC2::VPCGatewayAttachment": ROUTE,
    "AWS::ElastiCache::ParameterGroup": SHAPE,
    "AWS::ElastiCache::SubnetGroup": SHAPE,
    "AWS::ElastiCache::User": "may sign in; the password is the secret's, which has the row",
    "AWS::ElastiCache::UserGroup": RIGHTS,
    "AWS::ElasticLoadBalancingV2::ListenerRule": "is of a listener, which has the link's row",
    "AWS::Events::Rule": PLAN,
    "AWS::IAM::InstanceProfile": RIGHTS,
    "AWS::IAM::ManagedPolicy": RIGHTS,
    "AWS::IAM::OIDCProvider": RIGHTS,
    "AWS::KMS::Alias": "names a key, which has the row",
    "AWS::Lambda::Permission": RIGHTS,
    "AWS::Logs::Delivery": "joins a source and a destination, which has the row",
    "AWS::Logs::DeliverySource": "names whose log it is; the destination has the row",
    "AWS::Logs::MetricFilter": WATCH,
    "AWS::Logs::ResourcePolicy": RIGHTS,
    "AWS::RDS::DBClusterParameterGroup": SHAPE,
    "AWS::RDS::DBParameterGroup": SHAPE,
    "AWS::RDS::DBSubnetGroup": SHAPE,
    "AWS::Route53::HostedZone": PUBLIC,
    "AWS::Route53::RecordSet": PUBLIC,
    "AWS::Route53::RecordSetGroup": PUBLIC,
    "AWS::S3::BucketPolicy": RIGHTS,
    "AWS::SNS::TopicPolicy": RIGHTS,
    "AWS::SQS::QueuePolicy": RIGHTS,
    "AWS::SSM::Document": PLAN,
    "AWS::Scheduler::Schedule": PLAN,
    "AWS::SecretsManager::RotationSchedule": PLAN,
    "AWS::SecretsManager::SecretTargetAttachment": SHAPE,
    "AWS::WAFv2::WebACL": "judges requests; what it keeps of them is the log, which has the row",
    "Custom::ClosedDefaultGroup": TOLD,
    "Custom::PrefixList": TOLD,
}
"""Types that neither hold nor carry anybody's data, with the reason."""
