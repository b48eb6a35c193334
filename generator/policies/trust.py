"""Trust policies of services for which AWS documents no `aws:SourceAccount`.

EC2 and Lambda take a role only after `iam:PassRole` was checked in the role's own account, on an
instance or function of that account: there is no deputy to confuse. A condition on a key that the
service does not send would refuse every start.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole

EC2 = "ec2.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"


def compute_trust(service: str) -> PolicyDocument:
    """Who may take a role: a service that runs code of this account."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(Effect=Allow, Principal=Principal("Service", service), Action=[AssumeRole])
        ],
    )
