"""ministack's private names, each used through one small function: stacks, actions, the caller.

The extension is registered into dictionaries and functions that ministack does not promise to
keep. Each one is listed in SEAMS, here, in template_seams and in service_seams, with the shape
that it must have; nothing else touches them.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from contextlib import AbstractContextManager
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import unescape

import boto3
import botocore.config
from botocore.credentials import Credentials
from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers, helpers, provisioners, stacks

from generator.sandbox.contract import Seam
from generator.sandbox.inner_calls import Application, answering

if TYPE_CHECKING:
    from generator.sandbox.resources.resource import Resource

Params = Mapping[str, Any]
"""A Query request as ministack hands it on: every value is a list with one string."""
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""
Handler = Callable[[Params], Answer]
Record = dict[str, Any]
"""A stack, a change set, an event: ministack's own record of it."""


STACK = "AWS::CloudFormation::Stack"
_CFN = "ministack.services.cloudformation"
_EVENT = (
    *("stack_id", "stack_name", "logical_id", "resource_type"),
    *("status", "reason", "physical_id", "detailed_status"),
)
SEAMS = (
    Seam(_CFN, "_stacks", responses.AccountRegionScopedDict),
    Seam(_CFN, "_stack_events", responses.AccountRegionScopedDict),
    Seam(_CFN, "_change_sets", responses.AccountRegionScopedDict),
    Seam(_CFN, "load_persisted_state", ("data",)),
    Seam(f"{_CFN}.handlers", "_ACTION_HANDLERS", dict),
    Seam(f"{_CFN}.helpers", "_xml", ("status", "root_tag", "inner")),
    Seam(f"{_CFN}.helpers", "_error", ("code", "message", "status")),
    Seam(f"{_CFN}.provisioners", "_RESOURCE_HANDLERS", dict),
    Seam(f"{_CFN}.provisioners", "_REPLACING_PROPERTIES", dict),
    Seam(f"{_CFN}.stacks", "_runs_on_worker_thread", ("resource_type",)),
    Seam(f"{_CFN}.stacks", "_add_event", _EVENT),
    Seam("ministack.core.responses", "get_account_id", ()),
    Seam("ministack.core.responses", "get_region", ()),
    Seam("ministack.core.responses", "request_scope", ("account_id", "region")),
    Seam("ministack.app", "app", ("scope", "receive", "send")),
)


# --- actions and answers


def register_action(name: str, handler: Handler) -> None:
    """Answer a CloudFormation action; it runs on the server's event loop and must not block."""
    handlers._ACTION_HANDLERS[name] = handler


def action(name: str) -> Handler:
    """What answers an action now, to be wrapped. Raises KeyError for one that nothing answers."""
    found: Handler = handlers._ACTION_HANDLERS[name]
    return found


def value(params: Params, key: str, default: str = "") -> str:
    """One value of a request."""
    found = params.get(key, default)
    return str(found[0] if isinstance(found, list) else found)


def answer(name: str, inner: str = "") -> Answer:
    """The answer to an action; `inner` is the XML inside its Result element."""
    result = f"<{name}Result>{inner}</{name}Result>"
    found: Answer = helpers._xml(200, f"{name}Response", result)
    return found


def error(code: str, message: str, status: int = 400) -> Answer:
    """An error as the Query protocol has it."""
    found: Answer = helpers._error(code, message, status)
    return found


def message(answer: Answer) -> str:
    """What an error says."""
    found = re.search(r"<Message>(.*)</Message>", answer[2].decode(), re.DOTALL)
    return unescape(found[1]) if found else ""


# --- resource types


def register_resource(resource_type: str, resource: Resource) -> None:
    """Provision a resource type with our own functions, each on a worker thread.

    On a worker thread a function may call the server back, through `client`. A type of ministack's
    own keeps what makes its last snapshot.
    """
    theirs: Mapping[str, Any] = provisioners._RESOURCE_HANDLERS.get(resource_type, {})
    functions = {name: theirs[name] for name in ("snapshot",) if name in theirs}
    functions |= {"create": resource.create, "delete": resource.delete}
    if resource.update is not None:
        functions["update"] = resource.update
    provisioners._RESOURCE_HANDLERS[resource_type] = functions
    register_replacing(resource_type, resource.replacing)
    run_on_worker_thread(resource_type)


def register_replacing(resource_type: str, properties: Iterable[str]) -> None:
    """Say which properties of a type replace the resource, in updates and in change sets."""
    provisioners._REPLACING_PROPERTIES[resource_type] = tuple(sorted(properties))


def resource_functions(resource_type: str) -> Mapping[str, Any]:
    """What provisions a type now ("create", "update", "delete"), to be wrapped."""
    found: Mapping[str, Any] = provisioners._RESOURCE_HANDLERS[resource_type]
    return found


def is_known(resource_type: str) -> bool:
    """Whether something provisions a type."""
    return resource_type in provisioners._RESOURCE_HANDLERS


_on_worker_threads: set[str] = set()


def run_on_worker_thread(resource_type: str) -> None:
    """Let a type's functions block, and call the server back."""
    if not _on_worker_threads:
        theirs: Callable[[str], bool] = stacks._runs_on_worker_thread
        stacks._runs_on_worker_thread = lambda name: name in _on_worker_threads or theirs(name)
    _on_worker_threads.add(resource_type)


# --- state


def stack_records() -> MutableMapping[str, Record]:
    """The current account's stacks in the current Region, by name."""
    found: MutableMapping[str, Record] = cloudformation._stacks
    return found


def event_records() -> MutableMapping[str, list[Record]]:
    """Events of the current account's stacks in the current Region, oldest first, by stack id."""
    found: MutableMapping[str, list[Record]] = cloudformation._stack_events
    return found


def add_event(
    stack: Record, logical_id: str, resource_type: str, status: str, reason: str, physical_id: str
) -> None:
    """One more event of a stack's resource."""
    name, stack_id = stack["StackName"], stack["StackId"]
    stacks._add_event(stack_id, name, logical_id, resource_type, status, reason, physical_id)


def when_restored(change: Callable[[Record], None]) -> None:
    """Let every stack be changed that a persistent server reads back, before it serves."""
    theirs: Callable[[Any], None] = cloudformation.load_persisted_state

    def load(state: Any) -> None:
        theirs(state)
        for (account, region, _), stack in list(cloudformation._stacks.to_dict().items()):
            with scope(account, region):
                change(stack)

    cloudformation.load_persisted_state = load


def keep_physical_ids() -> None:
    """Give an event without a physical id the one that the resource's last event had."""
    theirs = stacks._add_event

    def add(*members: Any, **named: Any) -> None:
        theirs(*members, **named)
        *before, event = event_records()[members[0]]
        if event["PhysicalResourceId"] or event["ResourceStatus"] == "CREATE_IN_PROGRESS":
            return
        logical_id = event["LogicalResourceId"]
        same = (each for each in reversed(before) if each["LogicalResourceId"] == logical_id)
        known = (each["PhysicalResourceId"] for each in same)
        event["PhysicalResourceId"] = next(filter(None, known), "")

    stacks._add_event = add


def change_set_records() -> MutableMapping[str, Record]:
    """The current account's change sets in the current Region, by id."""
    found: MutableMapping[str, Record] = cloudformation._change_sets
    return found


# --- the caller


def endpoint() -> str:
    """Where this server listens."""
    return f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def current_account() -> str:
    """The account that this thread or request works for."""
    return str(responses.get_account_id())


def current_region() -> str:
    """The Region that this thread or request works in."""
    return str(responses.get_region())


def scope(account: str, region: str) -> AbstractContextManager[None]:
    """Work for an account in a Region until the block ends: threads of our own start without."""
    found: AbstractContextManager[None] = responses.request_scope(account, region)
    return found


def client(service: str, region: str | None = None) -> Any:
    """A boto3 client to this very server, which calls it as the account that is current then.

    Only on a worker thread: on the event loop it would wait for itself.
    """
    with _making_a_client:
        return _client(service, region or current_region())


_CONFIG = botocore.config.Config(retries={"mode": "standard", "total_max_attempts": 1})
_making_a_client = threading.Lock()


def answer_clients(application: Application, loop: asyncio.AbstractEventLoop) -> None:
    """Let every client be answered within this process; before the first one is made."""
    _session().events.register("before-send", answering(application, loop))


@cache
def _session() -> boto3.Session:
    session = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none")
    session.events.register("before-sign", _sign_as_caller)
    return session


@cache
def _client(service: str, region: str) -> Any:
    """One for all accounts: a client is slow to make."""
    return _session().client(service, region_name=region, endpoint_url=endpoint(), config=_CONFIG)


def _sign_as_caller(request: Any, **_: Any) -> None:
    caller = Credentials(current_account(), "sandbox")
    request.context.setdefault("signing", {})["request_credentials"] = caller


def dump(record: Any) -> str:
    """A record as JSON, for messages."""
    return json.dumps(record, sort_keys=True, default=str)
