"""docs/console.md, done by its letter: the quickstart from templates/, with nothing but AWS's API.

A person at the console opens each link of the page, fills in what the table beside it names from
the outputs they see, and waits. Nothing of the generator runs.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.build.quick_create import PAGE
from tests.browser import Chromium
from tests.build.quick_links import Link, links_of
from tests.local_aws import Account
from tests.test_docs import CHECKOUT

FOLDER = CHECKOUT / "templates/gtm-quickstart"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
POLL = {"Delay": 0.05, "MaxAttempts": 2000}


class Person:
    """Clicks; remembers which stack stands where."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.stacks: list[tuple[str, str]] = []

    def launches(self, link: Link) -> None:
        """What one link of the page is for."""
        if link.place == "/stacks/create/review":
            self._creates(link, link.query["stackName"], TemplateURL=link.query["templateURL"])
        elif link.place == "/stacks/create":
            stack, file = link.said.split(",")[0], link.said.split()[-1].rstrip(".")
            self._creates(link, stack, TemplateBody=(FOLDER / file).read_text())
        else:
            self._uploads(link)

    def _creates(self, link: Link, stack: str, **template: str) -> None:
        filled = {name: self._output(origin) for name, origin in link.copied.items()}
        cloudformation = self._cloudformation(link.region)
        cloudformation.create_stack(
            StackName=stack,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in {**link.parameters, **filled}.items()
            ],
            Capabilities=CAPABILITIES,
            **template,
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=POLL)
        self.stacks.append((stack, link.region))

    def _uploads(self, link: Link) -> None:
        """Every file of the folder, into a folder of its name."""
        bucket = link.address.partition("/s3/buckets/")[2].partition("?")[0]
        s3 = self.account.client("s3", link.region)
        for path in FOLDER.iterdir():
            s3.put_object(Bucket=bucket, Key=f"{FOLDER.name}/{path.name}", Body=path.read_bytes())

    def _output(self, origin: str) -> str:
        """What the Outputs tab of a stack shows: "LoadBalancerDnsName of gtm-…, us-east-1"."""
        output, _, place = origin.partition(" of ")
        stack, region = place.split(", ")
        (found,) = self._cloudformation(region).describe_stacks(StackName=stack)["Stacks"]
        values = {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
        return str(values[output])

    def deletes_all(self) -> None:
        """In the order backwards."""
        while self.stacks:
            stack, region = self.stacks.pop()
            cloudformation = self._cloudformation(region)
            cloudformation.delete_stack(StackName=stack)
            waiter = cloudformation.get_waiter("stack_delete_complete")
            waiter.wait(StackName=stack, WaiterConfig=POLL)

    def _cloudformation(self, region: str) -> Any:
        return self.account.client("cloudformation", region)


@pytest.fixture
def person(account: Account) -> Person:
    return Person(account)


def test_the_links_make_the_whole_platform_and_it_can_be_deleted(
    person: Person, account: Account
) -> None:
    for link in links_of((FOLDER / PAGE).read_text(), account.id):
        person.launches(link)
    layers = {stack.removeprefix("gtm-quickstart-") for stack, _ in person.stacks}
    assert {"storage", "regional", "database-replica", "edge", "global-monitoring"} <= layers
    assert account.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 1
    person.deletes_all()
    assert account.client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0


def test_the_page_puts_the_account_into_every_link_and_asks_the_network_for_nothing(
    chromium: Chromium, tmp_path: Path
) -> None:
    page = (FOLDER / PAGE).read_text()
    typing = (
        '<script>const field = document.getElementById("account");'
        'field.value = "111122223333"; field.dispatchEvent(new Event("input"));</script>'
    )
    typed = tmp_path / PAGE
    typed.write_text(page.replace("</body>", f"{typing}</body>"))
    visit = chromium.visit(typed.as_uri(), tmp_path)
    assert links_of(visit.dom, "") == links_of(page, "111122223333")
    assert visit.console == () == visit.requests


def templates() -> list[Path]:
    return sorted(FOLDER.glob("*.template.json"))


@pytest.mark.parametrize("template", templates(), ids=lambda path: path.name.split(".")[0])
def test_the_console_groups_and_labels_every_parameter(template: Path) -> None:
    body = json.loads(template.read_text())
    declared = body.get("Parameters", {})
    shown = body.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
    grouped = [name for group in shown.get("ParameterGroups", []) for name in group["Parameters"]]
    assert sorted(grouped) == sorted(declared)
    labels = [label["default"] for label in shown.get("ParameterLabels", {}).values()]
    assert len(labels) == len(set(labels)) == len(declared), "two fields of a form look the same"
    assert all(parameter["Description"] for parameter in declared.values())
