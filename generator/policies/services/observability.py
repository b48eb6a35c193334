"""Alarms, topics, logs, budgets."""

from __future__ import annotations

from generator.policies.services.row import Service, here

ROWS = (
    Service(
        "cloudwatch",
        "DeleteAlarms DescribeAlarms ListTagsForResource PutMetricAlarm PutCompositeAlarm "
        "TagResource UntagResource DeleteDashboards GetDashboard PutDashboard",
        (
            here("cloudwatch", "alarm:{prefix}-*"),
            here("cloudwatch", "alarm:StackSet-{prefix}-*"),
            # The alarms of target tracking, which Auto Scaling makes in the caller's name.
            here("cloudwatch", "alarm:TargetTracking-*"),
            here("cloudwatch", "dashboard/{prefix}-*", region=""),
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
        (here("sns", "{prefix}-*"),),
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
            here("logs", "log-group:*{prefix}*"),
            here("logs", "delivery-source:{prefix}-*"),
            here("logs", "delivery-destination:{prefix}-*"),
            here("logs", "delivery:*"),
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
        (here("budgets", "budget/*", region=""),),
    ),
    # A budget is made over the account's primary billing view.
    Service("billing", "GetBillingViewData", (here("billing", "billingview/*", region=""),)),
)
