"""The create path against two independent servers: what a client sees is the same.

moto is the second opinion: another implementation of the API, by other people. It creates in each
Region, and says SUCCEEDED at once; what it does not do (updates, tolerance, states on the way) or
does otherwise than AWS (stacks named StackSet:NAME, of which its instances do not know the ids) is
asked of the sandbox alone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config

from generator.sandbox.process import Sandbox, without_aws
from tests.local_aws import session
from tests.sandbox.stack_sets.sets import NAME, REGIONS, instance, succeeded, template, topic, until

ACCOUNT = "123456789012"
"""moto's own account, unless a role of another is assumed; here the access key id as well."""
NAMED = template(Topic=topic(TopicName="of-the-set"))
"""moto can't make up a topic's name."""
Client = Callable[[str, str], Any]


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """The endpoint of a moto server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment, quiet = without_aws(os.environ), subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        try:
            until(lambda: _answers(process, port))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    assert process.poll() is None, "moto's server has ended"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(params=["sandbox", "moto"])
def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> Client:
    """Clients to one of the two servers."""
    ours = request.param == "sandbox"
    endpoint = sandbox.endpoint if ours else request.getfixturevalue("moto")

    def connect(service: str, region: str) -> Any:
        return session().client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="sandbox",
            config=Config(retries={"total_max_attempts": 1}),
        )

    return connect


def test_a_set_is_created_in_three_regions(client: Client) -> None:
    cfn = client("cloudformation", REGIONS[0])
    made = cfn.create_stack_set(
        StackSetName=NAME, TemplateBody=NAMED, Tags=[{"Key": "project", "Value": "platform"}]
    )
    described = cfn.describe_stack_set(StackSetName=NAME)["StackSet"]
    assert made["StackSetId"] == described["StackSetId"]
    assert (described["Status"], described["TemplateBody"]) == ("ACTIVE", NAMED)
    assert described["Tags"] == [{"Key": "project", "Value": "platform"}]

    begun = cfn.create_stack_instances(StackSetName=NAME, Accounts=[ACCOUNT], Regions=REGIONS)
    done = succeeded(cfn, begun)
    assert done["Action"] == "CREATE"
    results = cfn.list_stack_set_operation_results(
        StackSetName=NAME, OperationId=begun["OperationId"]
    )["Summaries"]
    assert {each["Status"] for each in results} == {"SUCCEEDED"}

    listed = cfn.list_stack_instances(StackSetName=NAME)["Summaries"]
    assert {(each["Account"], each["Region"]) for each in listed} == {
        (ACCOUNT, region) for region in REGIONS
    }
    assert {each["Status"] for each in listed} == {"CURRENT"}
    for region in REGIONS:
        (stack,) = client("cloudformation", region).describe_stacks()["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        assert NAME in stack["StackName"]
        assert f":{region}:{ACCOUNT}:stack/" in instance(cfn, ACCOUNT, region)["StackId"]
        assert len(client("sns", region).list_topics()["Topics"]) == 1

    with pytest.raises(cfn.exceptions.StackSetNotEmptyException):
        cfn.delete_stack_set(StackSetName=NAME)
    succeeded(
        cfn,
        cfn.delete_stack_instances(
            StackSetName=NAME, Accounts=[ACCOUNT], Regions=REGIONS, RetainStacks=False
        ),
    )
    assert cfn.list_stack_instances(StackSetName=NAME)["Summaries"] == []
    for region in REGIONS:
        assert client("cloudformation", region).describe_stacks()["Stacks"] == []
    cfn.delete_stack_set(StackSetName=NAME)
