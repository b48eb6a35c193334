"""The VPC and what is in it."""

from __future__ import annotations

from generator.policies.services.row import AWS_NAMES_IT, Service

ROWS = (
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
        reason=AWS_NAMES_IT,
    ),
)
