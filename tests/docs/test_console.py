"""docs/console.md, done by its letter: the quickstart from templates/, with nothing but AWS's API.

A person at the console opens each link of the page, fills in what the table beside it names from
the outputs they see, and waits. Nothing of the generator runs.
"""

from __future__ import annotations

import json
import re
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


NAMING = ("TableName", "Name", "BucketName", "ReplicationGroupDescription", "Description")
"""Properties by which a person finds something in its console."""


def staying() -> set[tuple[str, str]]:
    """What is not deleted with its stack, or leaves a snapshot: its service, how it is found."""
    return {
        (resource["Type"].split("::")[1], _found_by(resource["Properties"]))
        for template in templates()
        for resource in json.loads(template.read_text())["Resources"].values()
        if resource.get("DeletionPolicy", "Delete") != "Delete"
    }


def _found_by(properties: dict[str, Any]) -> str:
    named = next(properties[name] for name in NAMING if name in properties)
    text = named["Fn::Sub"] if isinstance(named, dict) else named
    return str(text).partition("${")[0]


def listed() -> set[tuple[str, str]]:
    """What the page says of it: the service that an item begins with, each name in it."""
    section = (CHECKOUT / "docs/console.md").read_text().partition("### Removing it")[2]
    items = section.partition("\n## ")[0].split("\n- ")[1:]
    return {
        (re.split("[:,]", item)[0].replace(" ", ""), name.rstrip("…"))
        for item in items
        for name in re.findall("`([^`]+)`", item)
    }


def test_the_page_lists_what_stays_when_all_stacks_are_deleted_and_nothing_else() -> None:
    covered = {
        (said, found)
        for said in listed()
        for found in staying()
        if said[0] == found[0] and found[1].startswith(said[1])
    }
    assert {found for _, found in covered} == staying()
    assert {said for said, _ in covered} == listed()


TYPING = """<script>
  const states = ["", "1111-2222-333", "1111-2222-33334", "1111-2222-3333"].map(typed => {
    field.value = typed;
    field.dispatchEvent(new Event("input"));
    return [document.links.length, wanted.hidden];
  });
  document.title = JSON.stringify(states);
</script></body>"""
"""Types an account's id as the console shows it: nothing, too few digits, too many, all."""


def test_the_page_puts_the_account_into_every_link_and_asks_the_network_for_nothing(
    chromium: Chromium, tmp_path: Path
) -> None:
    page = (FOLDER / PAGE).read_text()
    typed = tmp_path / PAGE
    typed.write_text(page.replace("</body>", TYPING))
    visit = chromium.visit(typed.as_uri(), tmp_path)
    links = links_of(page, "111122223333")
    shut, opened = [0, False], [len(links), True]
    (states,) = re.findall("<title>(.*)</title>", visit.dom)
    assert json.loads(states) == [shut, shut, shut, opened]
    assert links_of(visit.dom, "") == links
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
