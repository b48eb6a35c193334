"""Which properties of ministack's own types replace the resource when they change.

ministack knows it for some types; for the rest its change sets would say "Conditional" of every
change. The lists are those of the CloudFormation resource schemas (createOnlyProperties and
conditionalCreateOnlyProperties):
https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

REPLACING = {
    "AWS::AutoScaling::AutoScalingGroup": {"AutoScalingGroupName", "InstanceId"},
    "AWS::AutoScaling::ScalingPolicy": {"AutoScalingGroupName"},
    "AWS::AutoScaling::ScheduledAction": {"AutoScalingGroupName"},
    "AWS::Backup::BackupPlan": set(),
    "AWS::CloudFormation::Stack": set(),
    "AWS::CloudFront::CachePolicy": set(),
    "AWS::CloudFront::Distribution": set(),
    "AWS::CloudFront::OriginRequestPolicy": set(),
    "AWS::CloudFront::ResponseHeadersPolicy": set(),
    "AWS::CloudWatch::Dashboard": {"DashboardName"},
    "AWS::CodeBuild::Project": {"Name"},
    "AWS::EC2::InternetGateway": set(),
    "AWS::EC2::LaunchTemplate": {"LaunchTemplateName"},
    "AWS::EC2::Route": {
        "RouteTableId",
        "DestinationCidrBlock",
        "DestinationIpv6CidrBlock",
        "DestinationPrefixListId",
    },
    "AWS::EC2::RouteTable": {"VpcId"},
    "AWS::EC2::SecurityGroup": {"GroupDescription", "GroupName", "VpcId"},
    "AWS::EC2::Subnet": {
        "VpcId",
        "AvailabilityZone",
        "AvailabilityZoneId",
        "CidrBlock",
        "OutpostArn",
        "Ipv6Native",
        "Ipv4IpamPoolId",
        "Ipv4NetmaskLength",
        "Ipv6IpamPoolId",
        "Ipv6NetmaskLength",
    },
    "AWS::EC2::SubnetRouteTableAssociation": {"SubnetId", "RouteTableId"},
    "AWS::EC2::VPC": {"CidrBlock", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl"},
    "AWS::EC2::VPCEndpoint": {
        "ServiceName",
        "VpcEndpointType",
        "VpcId",
        "ServiceNetworkArn",
        "ResourceConfigurationArn",
        "ServiceRegion",
    },
    "AWS::EC2::VPCGatewayAttachment": {"VpcId"},
    "AWS::ElasticLoadBalancingV2::Listener": {"LoadBalancerArn"},
    "AWS::ElasticLoadBalancingV2::ListenerRule": {"ListenerArn"},
    "AWS::KMS::Alias": {"AliasName"},
    "AWS::KMS::Key": set(),
    "AWS::Logs::LogGroup": {"LogGroupName"},
    "AWS::Logs::ResourcePolicy": {"PolicyName"},
    "AWS::Route53::HostedZone": {"Name", "DelegationSetId"},
    "AWS::Route53::RecordSet": {"HostedZoneName", "HostedZoneId", "Name"},
    "AWS::S3::Bucket": {"BucketName", "BucketNamePrefix", "BucketNamespace"},
    "AWS::S3::BucketPolicy": {"Bucket"},
    "AWS::SNS::Subscription": {"Endpoint", "Protocol", "TopicArn"},
    "AWS::SNS::TopicPolicy": set(),
    "AWS::SecretsManager::Secret": {"Name"},
}

CONDITIONAL = {
    "AWS::AutoScaling::AutoScalingGroup": {
        "LaunchConfigurationName",
        "VPCZoneIdentifier",
        "LaunchTemplate",
        "MixedInstancesPolicy",
    },
    "AWS::DynamoDB::GlobalTable": {"LocalSecondaryIndexes", "KeySchema"},
    "AWS::EC2::Subnet": {"Ipv6CidrBlock"},
    "AWS::EC2::VPC": {"InstanceTenancy"},
    "AWS::Route53::HealthCheck": {"HealthCheckConfig"},
}
