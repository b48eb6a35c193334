"""A plan in a file: what was reviewed today is what is executed tomorrow, or nothing.

It holds the steps, their parameters and the templates between old and new; no credentials, and no
values that a stack is to keep secret, since none travels by parameter. It is for its owner's eyes
all the same.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from generator.deploy.steps import Plan
from generator.errors import UsageError

FORMAT = 2
PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


def as_data(plan: Plan) -> dict[str, Any]:
    """The plan as plain data, with the format that it is written in."""
    return {"format": FORMAT, **PLAN.dump_python(plan, mode="json")}


def write_plan(path: Path, plan: Plan) -> None:
    """Write a plan: all of it or nothing, and readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_data(plan), indent=1, ensure_ascii=False) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_plan(path: Path) -> Plan:
    """The plan of a file. Raises UsageError where it is missing, broken, or of another format."""
    data = _data(path)
    found = data.pop("format", None)
    if found != FORMAT:
        raise _unusable(path, f"format {found}, {FORMAT} is read here")
    try:
        return PLAN.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the plan"
        raise _unusable(path, f"{where}: {first['msg']}") from None


def _data(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from None
    except UnicodeDecodeError:
        raise _unusable(path, "not text") from None
    except json.JSONDecodeError as error:
        raise _unusable(path, f"line {error.lineno}: {error.msg}") from None
    if not isinstance(data, dict):
        raise _unusable(path, "not a plan")
    return data


def _unusable(path: Path, cause: str) -> UsageError:
    return UsageError(
        f"{path}: {cause}\n    make it anew: python -m generator plan --env NAME --out {path}"
    )
