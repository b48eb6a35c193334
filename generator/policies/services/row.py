"""The shape of a row, and what rows have in common."""

from __future__ import annotations

from typing import NamedTuple

READ_ONLY = "Listing and describing is authorised on * only, and changes nothing."
AWS_NAMES_IT = "Ids are AWS's choice and unknown before the resource is there."


class Service(NamedTuple):
    """One IAM prefix: what is allowed on named resources, and what anywhere.

    `on` are ARNs as Fn::Sub texts, `{prefix}` being `project-environment`. `anywhere` are actions
    that AWS authorises on `*` only, or on ids that it chooses itself; `reason` says which.
    `title` names the statement of a service that has another row in the same policy. `through`
    are services: a row of KMS's that names some is allowed only when one of them asks for the role.
    """

    prefix: str
    actions: str = ""
    on: tuple[str, ...] = ()
    anywhere: str = ""
    reason: str = ""
    title: str = ""
    through: tuple[str, ...] = ()


def here(service: str, resource: str, region: str = "*") -> str:
    """An ARN in this account, in any Region unless said otherwise."""
    return f"arn:${{AWS::Partition}}:{service}:{region}:${{AWS::AccountId}}:{resource}"
