"""The same templates as a bare troposphere script: what a person would write without this project.

`script` turns drafts back into Python source: one constructor call an object, no settings, no
wiring, no checks. Policy documents stand in it as finished dictionaries: that only makes it faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from troposphere import AWSHelperFn, BaseAWSObject, encode_to_dict

from generator.layers.draft import Draft

HEAD = """\
import json, pathlib
import {modules}

class Fn(troposphere.AWSHelperFn):
    def __init__(self, data):
        self.data = data

def emit(name, template):
    body = {{"AWSTemplateFormatVersion": "2010-09-09"}} | template.to_dict()
    pathlib.Path("build/bare").mkdir(parents=True, exist_ok=True)
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\\n"
    pathlib.Path("build/bare", name).write_text(text)
"""


def script(drafts: Mapping[str, Draft], modules: str) -> str:
    """The source of a script that emits each draft's template under its file name."""
    lines = [HEAD.format(modules=modules)]
    for file, draft in drafts.items():
        lines += ["", "t = troposphere.Template()", *_template(draft), f"emit({file!r}, t)"]
    return "\n".join(lines) + "\n"


def _template(draft: Draft) -> Iterator[str]:
    template = draft.template
    yield f"t.set_description({template.description!r})"
    yield f"t.set_metadata({template.metadata!r})"
    for section in ("mappings", "conditions", "parameters", "resources", "outputs"):
        for name, value in getattr(template, section).items():
            yield f"t.{section}[{name!r}] = {_source(value)}"


def _source(value: Any) -> str:
    """An expression that makes `value` again."""
    if isinstance(value, list):
        return f"[{', '.join(map(_source, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k!r}: {_source(v)}" for k, v in value.items()) + "}"
    kind = type(value)
    if isinstance(value, BaseAWSObject) and kind.__module__.startswith("troposphere"):
        outer = {k: v for k, v in value.resource.items() if k not in ("Properties", "Type")}
        given = ", ".join(_argument(k, v) for k, v in (value.properties | outer).items())
        return f"{kind.__module__}.{kind.__qualname__}({value.title!r}, {given})"
    if isinstance(value, AWSHelperFn) and hasattr(value, "data"):
        return f"Fn({_source(value.data)})"
    return repr(value) if isinstance(value, (str, int, float, bool)) else _finished(value)


def _argument(name: str, value: Any) -> str:
    source = _source(value)
    return f"**{{{name!r}: {source}}}" if iskeyword(name) else f"{name}={source}"


def _finished(value: Any) -> str:
    return f"Fn({encode_to_dict(value)!r})"
