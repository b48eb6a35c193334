"""The accounts under organizational units, as AWS Organizations tells its management account and
its delegated administrators.

https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator.deploy.aws import Aws

REGION = "us-east-1"
"""Where Organizations answers."""


def accounts_under(aws: Aws, units: Iterable[str]) -> tuple[str, ...]:
    """Active accounts under these units and theirs: those that StackSets can reach.

    The management account is never among them.
    """
    client = aws.client("organizations", REGION)
    manager = client.describe_organization()["Organization"]["MasterAccountId"]
    found = dict.fromkeys(account for unit in units for account in _under(client, unit))
    return tuple(account for account in found if account != manager)


def _under(client: Any, parent: str) -> Iterator[str]:
    for page in client.get_paginator("list_accounts_for_parent").paginate(ParentId=parent):
        yield from (entry["Id"] for entry in page["Accounts"] if _is_active(entry))
    below = client.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent)
    for page in below:
        for entry in page["OrganizationalUnits"]:
            yield from _under(client, entry["Id"])


def _is_active(account: Mapping[str, Any]) -> bool:
    """State took the place of Status, which AWS retired in September 2026."""
    return bool(account.get("State", account.get("Status")) == "ACTIVE")
