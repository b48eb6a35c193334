"""The AWS operations that generator/deploy calls, read from its source.

So a test that holds for all of them notices a new one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.session import get_session

DEPLOY = Path(__file__).parents[2] / "generator" / "deploy"


def trees() -> Iterator[ast.Module]:
    """Each module of the room, parsed."""
    for path in sorted(DEPLOY.rglob("*.py")):
        yield ast.parse(path.read_text())


def services() -> set[str]:
    """Services whose clients are opened: every text in the source that is the name of one."""
    known = set(get_session().get_available_services())
    texts = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return known & texts


def methods() -> set[str]:
    """Attributes of clients that are used, and operations that are paginated."""
    found: set[str] = set()
    for node in (node for tree in trees() for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            names = node.args if node.func.attr == "get_paginator" else []
            found |= {str(name.value) for name in names if isinstance(name, ast.Constant)}
    return found


def operations() -> list[Any]:
    """botocore's models of the operations that are called."""
    used, session = methods(), get_session()
    models = [session.get_service_model(service) for service in sorted(services())]
    return [
        model.operation_model(name)
        for model in models
        for name in model.operation_names
        if xform_name(name) in used
    ]


def unknown_methods() -> set[str]:
    """What is called on something named client and is no operation of a service in use."""
    session = get_session()
    known = {"exceptions", "get_paginator", "meta", "get_waiter"}
    for service in services():
        known |= {xform_name(name) for name in session.get_service_model(service).operation_names}
    called = {
        node.attr
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and (node.value.id if isinstance(node.value, ast.Name) else node.value.attr)
        in ("client", "_client")
    }
    return called - known
