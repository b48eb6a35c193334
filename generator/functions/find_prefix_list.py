"""Custom resource: the id of a Region's managed prefix list, by the list's name.

The lists of CloudFront and of Route 53's health checkers have another id in each Region. Looking
them up here lets the same template serve every Region with no id typed in.
"""

import logging
from typing import Any

import boto3
import cfnresponse

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation whatever happens: it would wait for an hour otherwise."""
    found = event.get("PhysicalResourceId", "none")
    try:
        if event["RequestType"] != "Delete":
            found = find(boto3.client("ec2"), event["ResourceProperties"]["PrefixListName"])
        data = {"PrefixListId": found}
        cfnresponse.send(event, context, cfnresponse.SUCCESS, data, found)
    except Exception as error:
        LOG.exception("no prefix list is found")
        cfnresponse.send(event, context, cfnresponse.FAILED, {}, found, reason=str(error))


def find(ec2: Any, name: str) -> str:
    """The one AWS-owned list of that name: an account may give its own list any name."""
    names = {"prefix-list-name": name, "owner-id": "AWS"}
    filters = [{"Name": key, "Values": [value]} for key, value in names.items()]
    lists = ec2.describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
    if len(lists) != 1:
        raise LookupError(f"{len(lists)} prefix lists are named {name}, 1 is needed")
    found: str = lists[0]["PrefixListId"]
    LOG.info("%s is %s", name, found)
    return found
