"""What AWS denied to whom, read out of its message.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re

from generator.deploy.failures.saying import Saying

DENIED_CODES = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AccountProblem",
        "AllAccessDisabled",
        "AuthorizationError",
        "Forbidden",
        "NotAuthorized",
        "UnauthorizedAccess",
        "UnauthorizedOperation",
    }
)

_MESSAGE = re.compile(
    r"(?:User: )?(?P<who>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?"
    r"(?P<why> (?:because|with) .*?)?(?:\. Go to .*|$)",
    re.DOTALL,
)
_ADMINISTRATORS = (
    "storage, foundation, github_actions and pipeline are an administrator's own to roll out"
)


def denied(message: str, operation: str, deployer: str) -> Saying:
    """The action and the resource that are missing, and who can do it."""
    found = _MESSAGE.search(message)
    if found is None:
        cause = f"AWS denies {operation} to these credentials"
        return Saying(cause, _take(deployer), quotes=message not in ("", "Forbidden"))
    action, resource, why = found["action"], found["resource"], (found["why"] or "").rstrip(". ")
    on = f" on {resource.strip('.')}" if resource else ""
    cause = f"AWS denies {action}{on} to {found['who']}{why}"
    if "explicit deny" in why:
        return Saying(cause, "a policy forbids it: ask whoever administers the account")
    return Saying(cause, _take(deployer))


def _take(deployer: str) -> str:
    return (
        f"take the role {deployer} (role_arn and source_profile in ~/.aws/config, then "
        f"AWS_PROFILE); {_ADMINISTRATORS}"
    )
