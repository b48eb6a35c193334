"""What `chaos` adds to the rights of the rollout's roles.

The boundary knows the calls of all experiments; each role of an experiment has its own few, on
named resources or on what FIS tagged as its own (`policies/fault_injection.py`,
`policies/network_faults.py`).
"""

from __future__ import annotations

from generator.policies.options.option import Option
from generator.policies.services.row import Service, here

OPTION = Option(
    services=(
        Service(
            "fis",
            "CreateExperimentTemplate DeleteExperimentTemplate GetExperimentTemplate "
            "UpdateExperimentTemplate ListTagsForResource TagResource UntagResource",
            # AWS names templates itself, and knows actions as resources of the caller's account.
            (here("fis", "experiment-template/*"), here("fis", "action/*")),
        ),
        Service(
            "ssm",
            "AddTagsToResource CreateDocument DeleteDocument DescribeDocument GetDocument "
            "ListTagsForResource RemoveTagsFromResource UpdateDocument "
            "UpdateDocumentDefaultVersion",
            (here("ssm", "document/{prefix}-*"),),
        ),
    ),
    recipients=("fis",),
    boundary={
        "ec2": "AssociateRouteTable CreateManagedPrefixList CreateNetworkAcl* "
        "CreateNetworkInterface CreateRoute CreateRouteTable CreateTags "
        "DeleteManagedPrefixList DeleteNetworkAcl DeleteNetworkInterface DeleteRouteTable "
        "DisassociateRouteTable InjectApiError ModifyManagedPrefixList ModifyVpcEndpoint "
        "ReplaceNetworkAclAssociation ReplaceRouteTableAssociation StartInstances StopInstances",
        "elasticache": "DescribeReplicationGroups InterruptClusterAzPower",
        "logs": "CreateLogDelivery PutResourcePolicy",
        "rds": "DescribeDBClusters DescribeDBInstances",
        "ssm": "GetAutomationExecution StartAutomationExecution StopAutomationExecution",
        "tag": "GetResources",
    },
    own={
        "dynamodb": (
            "DeleteResourcePolicy GetResourcePolicy InjectError PutResourcePolicy UpdateTable",
            here("dynamodb", "table/{prefix}-*"),
        ),
        "rds": ("FailoverDBCluster", here("rds", "*{prefix}-*")),
    },
)
