"""Keys: which one an expression means, how it rotates, and who may decrypt with it.

A role may decrypt when the key's policy lets the account's IAM decide and a policy of the role
allows it; both are read. What grants and service-linked roles add at run time is in no template:
the services named in a key's policy stand for that. What a Deny or a boundary takes away again is
not subtracted.

Rotation: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.report.encryption.estate import Estate
from generator.report.encryption.policies import (
    allows,
    granted,
    listed,
    resources,
    role_words,
    worded,
)
from generator.report.encryption.resource import Resource, Statement
from generator.report.encryption.rows import AT_REST, KEY, Protection, Reader, Row, Unreadable

KEY_TYPES = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
ALIAS = "AWS::KMS::Alias"
DECRYPT = "kms:Decrypt"
YEARLY = 365
"""Days after which KMS rotates what says nothing else."""


def protection(estate: Estate, holder: Resource, value: object, service: str = "") -> Protection:
    """By the key that a property of `holder` names. Raises Unreadable where there is none.

    `service` is what the data is in: who may use the key only through another one is left out.
    """
    meant = estate.resolve(holder.file, value)
    if isinstance(meant, str) and meant.startswith("alias/aws/"):
        return managed(holder, meant.removeprefix("alias/"))
    key = key_behind(estate, holder.file, value)
    if key is None:
        raise Unreadable(f"its key is {value}, which is no key of these templates in every case")
    who = readers(estate, key, service)
    return Protection(f"`{key.place}`", rotation(estate, key), who)


def key_behind(estate: Estate, file: str, value: object) -> Resource | None:
    """The key that an expression means: by itself, by ARN or id, or by its alias."""
    meant = estate.resolve(file, value)
    if isinstance(meant, str):
        meant = estate.find(ALIAS, file, meant)
    if isinstance(meant, Resource) and meant.type == ALIAS:
        meant = estate.resolve(meant.file, meant.properties["TargetKeyId"])
    return meant if isinstance(meant, Resource) and meant.type in KEY_TYPES else None


def managed(holder: Resource, name: str) -> Protection:
    """An AWS managed key of the account, which has to be meant."""
    why = reasoned(holder, f"is under `{name}`, no key of the platform's")
    readers = "whoever this account lets use it through the service"
    return Protection(f"`{name}`, AWS managed", "every year, by AWS", readers, why)


def owned(service: str, why: str, readers: str) -> Protection:
    """A key that a service keeps for itself."""
    possessive = f"{service}'" if service.endswith("s") else f"{service}'s"
    return Protection(f"{possessive} own", "by the service", readers, why)


def reasoned(holder: Resource, problem: str, *matters: str) -> str:
    """Why something is so, by the resource's Metadata. Raises Unreadable where nobody said."""
    wanted = matters or (AT_REST, "CKV_AWS_149", "CKV_AWS_173")
    if why := holder.reason(*wanted):
        return why.rstrip(".")
    raise Unreadable(f"{problem}, and no reason is given: draft.explain(…, {wanted[0]}, why)")


def primary(estate: Estate, key: Resource) -> Resource:
    """The key itself, or the one that it is a replica of. Raises Unreadable where that is lost."""
    if key.type == "AWS::KMS::Key":
        return key
    source = key_behind(estate, key.file, key.properties["PrimaryKeyArn"])
    if source is None or source.type != "AWS::KMS::Key":
        raise Unreadable("its primary key is in none of these templates")
    return source


def rotation(estate: Estate, key: Resource) -> str:
    """How often KMS gives the key new material; a replica follows its primary."""
    source = primary(estate, key)
    if source.properties.get("EnableKeyRotation") is not True:
        return f"never: {reasoned(source, 'does not rotate')}"
    days = source.properties.get("RotationPeriodInDays", YEARLY)
    return f"every {days} days" + ("" if source is key else f", as `{source.place}`")


# --- who may decrypt ------------------------------------------------------------------------------


def readers(estate: Estate, key: Resource, service: str = "") -> str:
    """Who may decrypt with a key, in words: what a service keeps, or anything."""
    known = estate.readers.get(key.place)
    if known is None:
        known = estate.readers[key.place] = tuple(dict.fromkeys(_readers(estate, key)))
    shown = [
        _joined(who, _through([service] if service in via else via))
        for who, via in known
        if not (service and via) or service in via
    ]
    return "; ".join(shown)


def _readers(estate: Estate, key: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Who, and through which services only."""
    by_iam = False
    for statement in key.properties["KeyPolicy"]["Statement"]:
        if allows(statement, DECRYPT):
            by_iam = by_iam or _is_account(statement["Principal"])
            via = _via(statement)
            yield from ((who, via) for who in _principals(estate, key, statement))
    if by_iam:
        yield from sorted(_roles(estate, key))


def _is_account(principal: object) -> bool:
    return isinstance(principal, dict) and ":root" in str(principal.get("AWS"))


def _principals(estate: Estate, key: Resource, statement: Statement) -> Iterator[str]:
    principal = statement["Principal"]
    if _is_account(principal):
        return
    within = "of this account" if "AccountId" in str(statement.get("Condition")) else ""
    if principal in ("*", {"AWS": "*"}):
        yield _joined("anyone", within)
        return
    for service in listed(principal.get("Service", [])):
        text = estate.resolve(key.file, service)
        yield _joined(worded(str(text)), within)
    for role in listed(principal.get("AWS", [])):
        found = estate.resolve(key.file, role)
        yield role_words(found) if isinstance(found, Resource) else str(found)


def _roles(estate: Estate, key: Resource) -> Iterator[tuple[str, tuple[str, ...]]]:
    for role, file, statement in granted(estate, DECRYPT):
        if any(_is_on(estate, key, file, statement, on) for on in resources(statement)):
            yield role_words(role), _via(statement)


def _is_on(estate: Estate, key: Resource, file: str, statement: Statement, on: object) -> bool:
    meant = estate.resolve(file, on)
    if isinstance(meant, Resource):
        return meant.type in KEY_TYPES and primary(estate, meant) == primary(estate, key)
    if meant != "*" and not str(meant).endswith(":key/*"):
        return False
    alias = _condition(statement, "kms:ResourceAliases")
    named = key_behind(estate, file, alias) if alias else key
    return named is not None and primary(estate, named) == primary(estate, key)


def _through(services: Sequence[str]) -> str:
    return f"through {', '.join(services)}" if services else ""


def _via(statement: Statement) -> tuple[str, ...]:
    """The services through which only a statement allows something."""
    found = _condition(statement, "kms:ViaService")
    texts = [v.get("Fn::Sub") if isinstance(v, dict) else v for v in listed(found or [])]
    return tuple(dict.fromkeys(worded(str(text)) for text in texts))


def _condition(statement: Statement, name: str) -> Any:
    tests: Mapping[str, Mapping[str, Any]] = statement.get("Condition", {})
    positive = (test for how, test in tests.items() if "Not" not in how)
    return next((test[name] for test in positive if name in test), None)


def _joined(*words: str) -> str:
    return " ".join(filter(None, words))


def key_row(estate: Estate, key: Resource) -> Iterator[Row]:
    """A key by itself: its material never leaves KMS."""
    what = "replica of a key" if key.type != KEY_TYPES[0] else "key"
    names = ", ".join(f"`{name}`" for name in _aliases(estate, key))
    held = Protection(names or "no alias", rotation(estate, key), readers(estate, key))
    yield Row(KEY, key.place, what, held, "never leaves KMS")


def _aliases(estate: Estate, key: Resource) -> Iterator[str]:
    for alias in estate.of_type(ALIAS):
        if estate.resolve(alias.file, alias.properties["TargetKeyId"]) == key:
            yield str(estate.resolve(alias.file, alias.properties["AliasName"]))


READERS: dict[str, Reader] = dict.fromkeys(KEY_TYPES, key_row)
