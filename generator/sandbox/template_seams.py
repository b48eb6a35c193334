"""Like seams, for templates: where they come from, and what the engine makes of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ministack.core import responses
from ministack.services import s3
from ministack.services.cloudformation import changesets, engine, handlers, helpers, stacks

from generator.sandbox import seams
from generator.sandbox.contract import Seam

Fetch = Callable[[str, str], tuple[str | None, seams.Answer | None]]
"""A document's URL and what it is ("Template") to its text, or to the error to answer."""

_CFN = "ministack.services.cloudformation"
_RESOLVE = (
    *("value", "resources", "params", "conditions", "mappings"),
    *("stack_name", "stack_id"),
)
SEAMS = (
    Seam("ministack.services.s3", "_buckets", responses.AccountScopedDict),
    Seam("ministack.services.s3", "_get_object_data", ("bucket_name", "key", "version_id")),
    Seam(f"{_CFN}.changesets", "_resolve_template", ("params",)),
    *(
        Seam(f"{_CFN}.{module}", "_evaluate_conditions", ("template", "params"))
        for module in ("changesets", "engine", "handlers", "stacks")
    ),
    Seam(f"{_CFN}.engine", "_NO_VALUE", object),
    Seam(f"{_CFN}.engine", "_parse_template", ("template_body",)),
    Seam(f"{_CFN}.engine", "_resolve_refs", _RESOLVE),
    Seam(f"{_CFN}.engine", "_topological_sort", ("resources", "conditions")),
    Seam(f"{_CFN}.handlers", "_resolve_template", ("params",)),
    Seam(f"{_CFN}.helpers", "_resolve_document", ("params", "body_key", "url_key", "label")),
    Seam(f"{_CFN}.helpers", "_resolve_template", ("params",)),
)


def replace_document_fetch(fetch: Fetch) -> None:
    """Read the document behind a URL with `fetch`: templates and stack policies, everywhere."""
    theirs = helpers._resolve_document

    def resolve(
        params: seams.Params, body_key: str, url_key: str, label: str
    ) -> tuple[str | None, seams.Answer | None]:
        url = seams.value(params, url_key)
        if not url or seams.value(params, body_key):
            found: tuple[str | None, seams.Answer | None] = theirs(params, body_key, url_key, label)
            return found
        return fetch(url, label)

    helpers._resolve_document = resolve


def template_text(params: seams.Params) -> tuple[str | None, seams.Answer | None]:
    """The template of a request, from TemplateBody or TemplateURL, or the error to answer."""
    found: tuple[str | None, seams.Answer | None] = helpers._resolve_template(params)
    return found


def parsed_template(text: str) -> Mapping[str, Any]:
    """A template as data; raises an error of PyYAML's or ministack's when it can't be one."""
    found: Mapping[str, Any] = engine._parse_template(text)
    return found


def conditions(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> Mapping[str, bool]:
    """Whether each condition of a template holds."""
    found: Mapping[str, bool] = engine._evaluate_conditions(template, parameters)
    return found


def know_pseudo_parameters() -> None:
    """Let conditions hang on the Region and the account: ministack takes their names for values."""
    theirs: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, bool]]
    theirs = engine._evaluate_conditions

    def evaluate(template: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, bool]:
        known = {
            "AWS::AccountId": {"Value": seams.current_account()},
            "AWS::Partition": {"Value": "aws"},
            "AWS::Region": {"Value": seams.current_region()},
        }
        return theirs(template, {**params, **known})

    for module in (changesets, engine, handlers, stacks):
        module._evaluate_conditions = evaluate


def in_order(template: Mapping[str, Any], holding: Mapping[str, bool]) -> list[str]:
    """The logical ids of a template, each after what it needs; those whose condition holds."""
    found: list[str] = engine._topological_sort(template["Resources"], holding)
    return found


def resolved(content: Any, change_set: seams.Record, resources: Mapping[str, seams.Record]) -> Any:
    """A piece of a change set's template without intrinsic functions; Ref and Fn::GetAtt answer
    from records of resources. Raises ValueError where that can't be."""
    template, parameters = change_set["_template"], change_set["_resolved_params"]
    found = engine._resolve_refs(
        copy.deepcopy(content),
        resources,
        parameters,
        conditions(template, parameters),
        template.get("Mappings", {}),
        change_set["StackName"],
        change_set["StackId"],
    )
    if not isinstance(found, dict):
        return found
    return {name: each for name, each in found.items() if each is not engine._NO_VALUE}


@contextmanager
def document_at(url: str, text: str) -> Iterator[None]:
    """Let a URL of ours mean a text until the block ends: one action, called on the event loop."""
    theirs = helpers._resolve_document

    def resolve(
        params: seams.Params, body_key: str, url_key: str, label: str
    ) -> tuple[str | None, seams.Answer | None]:
        if seams.value(params, url_key) == url:
            return text, None
        found: tuple[str | None, seams.Answer | None] = theirs(params, body_key, url_key, label)
        return found

    helpers._resolve_document = resolve
    try:
        yield
    finally:
        helpers._resolve_document = theirs


def stored_object(bucket: str, key: str, version: str | None = None) -> bytes | None:
    """An object of the current account, or None."""
    found: bytes | None = s3._get_object_data(bucket, key, version)
    return found


def bucket_region(bucket: str) -> str | None:
    """The Region of a bucket of the current account; None when there is no such bucket."""
    found = s3._buckets.get(bucket)
    return None if found is None else str(found["region"])
