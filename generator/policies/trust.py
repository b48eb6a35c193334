"""Trust policies of services for which AWS documents no `aws:SourceAccount`.

EC2, Lambda and AWS Backup take a role only after `iam:PassRole` was checked in the role's own
account, for an instance, function or selection of that account: there is no deputy to confuse. A
condition on a key that the service does not send would refuse every start.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from awacs.aws import Allow, PolicyDocument, Principal, Statement
from awacs.sts import AssumeRole

EC2 = "ec2.amazonaws.com"
LAMBDA = "lambda.amazonaws.com"
BACKUP = "backup.amazonaws.com"


def plain_trust(service: str) -> PolicyDocument:
    """Who may take a role: the service that it was passed to."""
    return PolicyDocument(
        Version="2012-10-17",
        Statement=[
            Statement(Effect=Allow, Principal=Principal("Service", service), Action=[AssumeRole])
        ],
    )
