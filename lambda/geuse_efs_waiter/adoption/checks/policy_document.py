"""What a file-system policy denies or does not allow. Pure, no calls.

A small reading of IAM's policy language: enough to say "denied", "not denied" or "unknown". Sources: IAM user guide,
"Policy evaluation logic" and "IAM JSON policy elements"; EFS user guide, "Using IAM to control file system data access".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Statement = Mapping[str, Any]
Bearing = Literal["denied", "unknown", "not denied"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asked about.

    Attributes:
        account: the account, None if unknown or anonymous.
        role_arn: the role, None if unknown.
        anonymous: an NFS client without IAM.
    """

    account: str | None = None
    role_arn: str | None = None
    anonymous: bool = False


def statements(policy: Mapping[str, Any] | None, effect: Literal["Allow", "Deny"]) -> list[Statement]:
    """The statements of one effect, in their order."""
    given = (policy or {}).get("Statement", [])
    listed = given if isinstance(given, list) else [given]
    return [item for item in listed if isinstance(item, Mapping) and item.get("Effect") == effect]


def bearing(statement: Statement, actions: tuple[str, ...], caller: Caller, file_system_id: str) -> Bearing:
    """What a Deny statement means for any of the actions of a caller."""
    if not any(names_action(statement, action) for action in actions):
        return "not denied"
    aim = _aim(statement, caller)
    if aim == "not denied" or _denies_only_what_is_wrong(statement):
        return "not denied"
    if statement.get("Condition") or not _names_file_system(statement, file_system_id):
        return "unknown"
    return aim


def allows_every_client(policy: Mapping[str, Any], action: str) -> bool:
    """Whether a client without IAM may do it, at least through a mount target and with TLS."""
    return any(
        names_action(one, action) and _everyone(one) and _harmless(one, {"true"}) for one in statements(policy, "Allow")
    )


def names_action(statement: Statement, action: str) -> bool:
    """Whether the statement is about the action."""
    if "NotAction" in statement:
        return not any(_matches(pattern, action) for pattern in _texts(statement["NotAction"]))
    return any(_matches(pattern, action) for pattern in _texts(statement.get("Action")))


def _aim(statement: Statement, caller: Caller) -> Bearing:
    if _everyone(statement):
        return "denied"
    if "NotPrincipal" in statement:
        return "unknown"
    if caller.anonymous:
        # A role that mounts may be among those named, which is not known here.
        return "unknown"
    for named in _principals(statement):
        if named == caller.role_arn:
            return "denied"
        root = re.fullmatch(r"(?:arn:[^:]+:iam::)?(\d{12})(?::root)?", named)
        if root and caller.account in (None, root[1]):
            return "denied" if caller.account else "unknown"
    return "not denied"


def _principals(statement: Statement) -> list[str]:
    principal = statement.get("Principal")
    return _texts(principal.get("AWS")) if isinstance(principal, Mapping) else _texts(principal)


def _everyone(statement: Statement) -> bool:
    return "*" in _principals(statement)


def _denies_only_what_is_wrong(statement: Statement) -> bool:
    """Deny without TLS, and deny outside a mount target: neither concerns a client of a deployment."""
    return bool(statement.get("Condition")) and _harmless(statement, {"false"})


def _harmless(statement: Statement, values: set[str]) -> bool:
    condition = statement.get("Condition") or {}
    known = {"bool": {"aws:securetransport", "elasticfilesystem:accessedviamounttarget"}}
    # Without IfExists: a call of the API has no such key as AccessedViaMountTarget.
    known["boolifexists"] = {"aws:securetransport"}
    return all(
        key.lower() in known.get(operator.lower(), ()) and {text.lower() for text in _texts(value)} == values
        for operator, pairs in condition.items()
        for key, value in pairs.items()
    )


def _names_file_system(statement: Statement, file_system_id: str) -> bool:
    # EFS writes the resource as the ARN of the file system; a policy without one means the same.
    named = _texts(statement.get("Resource", "*"))
    return "NotResource" not in statement and any(name == "*" or name.endswith(f"/{file_system_id}") for name in named)


def _matches(pattern: str, action: str) -> bool:
    regular = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(regular, action, re.IGNORECASE) is not None


def _texts(value: Any) -> list[str]:
    """A list of texts, whether one or several are given; JSON booleans as IAM reads them."""
    if value is None:
        return []
    listed = value if isinstance(value, list) else [value]
    return [str(item) if isinstance(item, str) else str(item).lower() for item in listed]
