"""One stack of a test: made, changed and deleted, with the reason at hand when that fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tests.local_aws import Account
from tests.sandbox import stacks

NAME = "of-a-test"
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
Resources = Mapping[str, Any]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource of a template, without the AWS:: of its type."""
    return {"Type": f"AWS::{kind}", "Properties": properties}


def ref(logical_id: str) -> dict[str, str]:
    """Ref."""
    return {"Ref": logical_id}


def att(logical_id: str, attribute: str) -> dict[str, list[str]]:
    """Fn::GetAtt."""
    return {"Fn::GetAtt": [logical_id, attribute]}


class Stack(NamedTuple):
    """A stack in one Region of a test's account."""

    account: Account
    region: str = stacks.REGION
    name: str = NAME

    @property
    def cfn(self) -> Any:
        """CloudFormation in this Region."""
        return self.client("cloudformation")

    def client(self, service: str) -> Any:
        """A service in this Region."""
        return self.account.client(service, self.region)

    def create(self, resources: Resources, **sections: Any) -> None:
        """Make it, and expect that to work."""
        assert self.try_create(resources, **sections) == "CREATE_COMPLETE", self.reasons()

    def try_create(self, resources: Resources, **sections: Any) -> str:
        """Make it; how that ended."""
        body = stacks.template(resources, **sections)
        made = stacks.created(self.cfn, self.name, body, Capabilities=CAPABILITIES)
        return str(made["StackStatus"])

    def update(self, resources: Resources, **sections: Any) -> None:
        """Change it, and expect that to work."""
        assert self.try_update(resources, **sections) == "UPDATE_COMPLETE", self.reasons()

    def try_update(self, resources: Resources, **sections: Any) -> str:
        """Change it; how that ended."""
        body = stacks.template(resources, **sections)
        changed = stacks.updated(self.cfn, self.name, body, Capabilities=CAPABILITIES)
        return str(changed["StackStatus"])

    def delete(self) -> None:
        """Delete it, and expect that to work."""
        assert self.try_delete() == "DELETE_COMPLETE", self.reasons()

    def try_delete(self) -> str:
        """Delete it; how that ended."""
        identifier = self.cfn.describe_stacks(StackName=self.name)["Stacks"][0]["StackId"]
        return str(stacks.deleted(self.cfn, identifier)["StackStatus"])

    def id(self, logical_id: str) -> str:
        """The physical id of a resource."""
        return stacks.physical_id(self.cfn, self.name, logical_id)

    def outputs(self) -> dict[str, str]:
        """Its outputs by key."""
        return stacks.outputs(self.cfn.describe_stacks(StackName=self.name)["Stacks"][0])

    def tags(self, found: Iterable[Mapping[str, str]]) -> dict[str, str]:
        """Tags without those that CloudFormation adds."""
        tags = {tag["Key"]: tag["Value"] for tag in found}
        return {key: text for key, text in tags.items() if not key.startswith("aws:")}

    def reasons(self) -> list[str]:
        """Why resources failed, oldest first."""
        return [
            event.get("ResourceStatusReason", "")
            for event in stacks.events(self.cfn, self.name)
            if event["ResourceStatus"].endswith("_FAILED")
        ]


def value(expression: Any) -> dict[str, Any]:
    """An output."""
    return {"Value": expression}
