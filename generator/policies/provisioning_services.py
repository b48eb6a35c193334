"""What CloudFormation calls to make the platform's resources, service by service.

Every resource type of AWS states in its schema which permissions its create, read, update and
delete need; `tests/policies/test_provisioning.py` holds these rows against the schemas of all types
that the layers use, so a missing permission is found here and not at two in the morning.

`on` are ARNs as Fn::Sub texts, `{prefix}` being `project-environment`. `anywhere` are actions that
AWS authorises on `*` only, or on ids that it chooses itself; `reason` says which.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """A row: one IAM prefix, what is allowed on named resources, and what anywhere."""

    prefix: str
    actions: str = ""
    on: tuple[str, ...] = ()
    anywhere: str = ""
    reason: str = ""


def _here(service: str, resource: str, region: str = "*") -> str:
    """An ARN in this account, in any Region unless said otherwise."""
    return f"arn:${{AWS::Partition}}:{service}:{region}:${{AWS::AccountId}}:{resource}"


_READ_ONLY = "Listing and describing is authorised on * only, and changes nothing."
_AWS_NAMES_IT = "Ids are AWS's choice and unknown before the resource is there."

CONCERNS: dict[str, tuple[Service, ...]] = {
    "Network": (
        Service(
            "ec2",
            anywhere="Describe* CreateTags DeleteTags "
            "CreateVpc DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet ModifySubnetAttribute "
            "CreateRouteTable DeleteRouteTable AssociateRouteTable DisassociateRouteTable "
            "ReplaceRouteTableAssociation CreateRoute DeleteRoute ReplaceRoute "
            "CreateInternetGateway DeleteInternetGateway AttachInternetGateway "
            "DetachInternetGateway AllocateAddress ReleaseAddress DisassociateAddress "
            "CreateNatGateway DeleteNatGateway "
            "CreateVpcEndpoint DeleteVpcEndpoints ModifyVpcEndpoint CreateFlowLogs DeleteFlowLogs "
            "CreateSecurityGroup DeleteSecurityGroup AuthorizeSecurityGroupEgress "
            "AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress RevokeSecurityGroupIngress "
            "UpdateSecurityGroupRuleDescriptionsEgress UpdateSecurityGroupRuleDescriptionsIngress",
            reason=_AWS_NAMES_IT,
        ),
    ),
    "Compute": (
        Service(
            "ec2",
            anywhere="RunInstances CreateLaunchTemplate CreateLaunchTemplateVersion "
            "DeleteLaunchTemplate DeleteLaunchTemplateVersions ModifyLaunchTemplate "
            "GetInstanceTypesFromInstanceRequirements GetLaunchTemplateData",
            reason=_AWS_NAMES_IT,
        ),
        Service(
            "autoscaling",
            "AttachLoadBalancerTargetGroups AttachTrafficSources CancelInstanceRefresh "
            "CreateAutoScalingGroup CreateOrUpdateTags DeleteAutoScalingGroup DeleteLifecycleHook "
            "DeletePolicy DeleteScheduledAction DeleteTags DeleteWarmPool "
            "DetachLoadBalancerTargetGroups DetachTrafficSources DisableMetricsCollection "
            "EnableMetricsCollection PutLifecycleHook PutScalingPolicy "
            "PutScheduledUpdateGroupAction PutWarmPool ResumeProcesses RollbackInstanceRefresh "
            "StartInstanceRefresh SuspendProcesses "
            "TerminateInstanceInAutoScalingGroup UpdateAutoScalingGroup",
            (_here("autoscaling", "autoScalingGroup:*:autoScalingGroupName/{prefix}-*"),),
            anywhere="Describe*",
            reason=_READ_ONLY,
        ),
        Service(
            "elasticloadbalancing",
            anywhere="Describe* AddTags RemoveTags CreateLoadBalancer DeleteLoadBalancer "
            "ModifyLoadBalancerAttributes SetIpAddressType SetSecurityGroups SetSubnets "
            "CreateListener DeleteListener ModifyListener ModifyListenerAttributes "
            "CreateRule DeleteRule ModifyRule SetRulePriorities CreateTargetGroup "
            "DeleteTargetGroup ModifyTargetGroup ModifyTargetGroupAttributes "
            "RegisterTargets DeregisterTargets",
            reason="CloudFormation cuts a load balancer's name short, so the prefix may be lost.",
        ),
        Service(
            "lambda",
            "CreateFunction DeleteFunction DeleteFunctionConcurrency Get* InvokeFunction "
            "ListTags PutFunctionConcurrency TagResource UntagResource UpdateFunctionCode "
            "UpdateFunctionConfiguration PublishVersion",
            (_here("lambda", "function:{prefix}-*"),),
        ),
        Service(
            "ssm",
            "GetParameter GetParameters",
            ("arn:${AWS::Partition}:ssm:*::parameter/aws/service/*",),
        ),
    ),
    "Data": (
        Service(
            "dynamodb",
            # The item actions are what DynamoDB checks before it copies a table to a new Region.
            "BatchWriteItem CreateTable CreateTableReplica DeleteItem DeleteTable "
            "DeleteTableReplica Describe* GetItem GetResourcePolicy ListTagsOfResource PutItem Query Scan "
            "TagResource UntagResource UpdateContinuousBackups UpdateContributorInsights "
            "UpdateItem UpdateTable UpdateTableReplicaAutoScaling UpdateTimeToLive",
            (_here("dynamodb", "table/{prefix}-*"),),
            anywhere="DescribeLimits",
            reason=_READ_ONLY,
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
            (_here("secretsmanager", "secret:{prefix}/*"),),
            anywhere="GetRandomPassword",
            reason="A random password is no resource.",
        ),
        Service(
            "kms",
            "CreateAlias DeleteAlias UpdateAlias CreateGrant Decrypt DescribeKey DisableKey "
            "DisableKeyRotation EnableKey EnableKeyRotation Encrypt GenerateDataKey GetKeyPolicy "
            "GetKeyRotationStatus ListResourceTags PutKeyPolicy ReplicateKey RetireGrant "
            "RevokeGrant ScheduleKeyDeletion TagResource UntagResource UpdateKeyDescription",
            # A key has no name; what a key's own policy withholds from the account stays withheld.
            (_here("kms", "key/*"), _here("kms", "alias/{prefix}-*")),
            anywhere="CreateKey ListAliases",
            reason="A key that is not there yet has no ARN; aliases are listed as a whole.",
        ),
        Service(
            "backup",
            "CreateBackupVault DeleteBackupVault DescribeBackupVault GetBackupVault* "
            "CreateBackupPlan DeleteBackupPlan GetBackupPlan UpdateBackupPlan "
            "CreateBackupSelection DeleteBackupSelection GetBackupSelection ListTags TagResource "
            "UntagResource",
            (_here("backup", "backup-vault:{prefix}-*"), _here("backup", "backup-plan:*")),
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
    ),
    "Edge": (
        Service(
            "acm",
            "AddTagsToCertificate DeleteCertificate DescribeCertificate ListTagsForCertificate "
            "RemoveTagsFromCertificate UpdateCertificateOptions",
            (_here("acm", "certificate/*"),),
            anywhere="RequestCertificate",
            reason="A certificate that is not there yet has no ARN.",
        ),
        Service(
            "cloudfront",
            anywhere="Get* List* DescribeFunction TagResource UntagResource CreateDistribution "
            "UpdateDistribution DeleteDistribution CreateCachePolicy "
            "UpdateCachePolicy DeleteCachePolicy CreateOriginRequestPolicy "
            "UpdateOriginRequestPolicy DeleteOriginRequestPolicy CreateResponseHeadersPolicy "
            "UpdateResponseHeadersPolicy DeleteResponseHeadersPolicy CreateFunction "
            "UpdateFunction PublishFunction DeleteFunction CreateMonitoringSubscription "
            "DeleteMonitoringSubscription AllowVendedLogDeliveryForResource",
            reason=_AWS_NAMES_IT,
        ),
        Service(
            "wafv2",
            "CreateWebACL DeleteWebACL GetWebACL UpdateWebACL ListTagsForResource TagResource "
            "UntagResource DeleteLoggingConfiguration GetLoggingConfiguration "
            "PutLoggingConfiguration",
            (
                _here("wafv2", "global/webacl/{prefix}-*"),
                "arn:${AWS::Partition}:wafv2:*:*:global/managedruleset/*",
            ),
        ),
        Service(
            "route53",
            "ChangeTagsForResource CreateHealthCheck DeleteHealthCheck GetChange GetHealthCheck "
            "ListTagsForResource UpdateHealthCheck",
            (
                "arn:${AWS::Partition}:route53:::healthcheck/*",
                "arn:${AWS::Partition}:route53:::change/*",
            ),
            anywhere="CreateHealthCheck ListHostedZones ListHostedZonesByName",
            reason="A health check that is not there yet has no ARN; zones are listed as a whole.",
        ),
    ),
    "Observability": (
        Service(
            "cloudwatch",
            "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm PutCompositeAlarm "
            "TagResource UntagResource DeleteDashboards GetDashboard PutDashboard",
            (
                _here("cloudwatch", "alarm:{prefix}-*"),
                _here("cloudwatch", "alarm:StackSet-{prefix}-*"),
                # The alarms of target tracking, which Auto Scaling makes in the caller's name.
                _here("cloudwatch", "alarm:TargetTracking-*"),
                _here("cloudwatch", "dashboard/{prefix}-*", region=""),
            ),
            anywhere="DescribeAlarms GetMetricData PutAnomalyDetector DeleteAnomalyDetector "
            "DescribeAnomalyDetectors",
            reason="Metrics and their anomaly detectors have no ARN; alarms are listed as a whole.",
        ),
        Service(
            "sns",
            "CreateTopic DeleteTopic GetTopicAttributes SetTopicAttributes ListTagsForResource "
            "GetDataProtectionPolicy "
            "ListSubscriptionsByTopic Subscribe Unsubscribe GetSubscriptionAttributes "
            "SetSubscriptionAttributes TagResource UntagResource",
            (_here("sns", "{prefix}-*"),),
        ),
        Service(
            "logs",
            "AssociateKmsKey CreateLogGroup CreateLogStream DeleteLogGroup DeleteMetricFilter "
            "DeleteRetentionPolicy DescribeMetricFilters DisassociateKmsKey PutLogEvents "
            "PutMetricFilter PutRetentionPolicy ListTagsForResource TagResource UntagResource "
            "ListTagsLogGroup TagLogGroup UntagLogGroup "
            "PutDeliverySource GetDeliverySource DeleteDeliverySource PutDeliveryDestination "
            "GetDeliveryDestination GetDeliveryDestinationPolicy DeleteDeliveryDestination "
            "CreateDelivery GetDelivery GetDataProtectionPolicy DescribeIndexPolicies "
            "DeleteDelivery UpdateDeliveryConfiguration",
            (
                _here("logs", "log-group:*{prefix}*"),
                _here("logs", "delivery-source:{prefix}-*"),
                _here("logs", "delivery-destination:{prefix}-*"),
                _here("logs", "delivery:*"),
            ),
            anywhere="CreateLogDelivery DeleteLogDelivery GetLogDelivery ListLogDeliveries "
            "UpdateLogDelivery DescribeLogGroups DescribeDeliveries DescribeResourcePolicies "
            "PutResourcePolicy DeleteResourcePolicy",
            reason="Log deliveries and the account's log resource policies have no ARN.",
        ),
        Service(
            "budgets",
            "ListTagsForResource ModifyBudget TagResource UntagResource ViewBudget",
            # CloudFormation names a budget without the stack's name.
            (_here("budgets", "budget/*", region=""),),
        ),
        # A budget is made over the account's primary billing view.
        Service("billing", "GetBillingViewData", (_here("billing", "billingview/*", region=""),)),
    ),
    "Stacks": (
        Service(
            "cloudformation",
            "CreateStack UpdateStack DeleteStack DescribeStacks DescribeStackEvents "
            "DescribeStackResource DescribeStackResources ListStackResources GetTemplate "
            "GetTemplateSummary GetStackPolicy SetStackPolicy CancelUpdateStack "
            "ContinueUpdateRollback RollbackStack UpdateTerminationProtection SignalResource "
            "TagResource UntagResource CreateChangeSet DescribeChangeSet ExecuteChangeSet "
            "DeleteChangeSet DetectStackDrift DetectStackResourceDrift "
            "DescribeStackResourceDrifts",
            (
                _here("cloudformation", "stack/{prefix}-*/*"),
                _here("cloudformation", "stack/StackSet-{prefix}-*/*"),
            ),
            anywhere="ListStacks ListExports ListImports ValidateTemplate "
            "DescribeStackDriftDetectionStatus",
            reason=_READ_ONLY,
        ),
    ),
}
