"""Private endpoints of the AWS services that instances call: their traffic skips NAT and internet.

Opt-in, because each costs by the hour and zone. They stand with the security groups, not with the
network, because their group takes rules from the application's. Systems Manager needs no
`ec2messages`: agents since 3.3.40 take `ssmmessages`, and the instance role allows nothing else.
https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
"""

from __future__ import annotations

from troposphere import Ref
from troposphere.ec2 import SecurityGroup, VPCEndpoint

from generator.layers import network
from generator.layers.draft import Draft, sub

SERVICES = {
    "SsmEndpoint": "ssm",
    "SsmMessagesEndpoint": "ssmmessages",
    "SecretsManagerEndpoint": "secretsmanager",
    "LogsEndpoint": "logs",
    "KmsEndpoint": "kms",
}


def add_interface_endpoints(draft: Draft, group: SecurityGroup) -> None:
    """One endpoint a service, with an address in each private subnet, under the public name."""
    for title, service in SERVICES.items():
        draft.add(
            VPCEndpoint(
                title,
                VpcId=draft.need(network.VPC_ID),
                VpcEndpointType="Interface",
                ServiceName=sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
                SubnetIds=draft.need(network.PRIVATE_SUBNETS),
                SecurityGroupIds=[Ref(group)],
                PrivateDnsEnabled=True,
            )
        )
