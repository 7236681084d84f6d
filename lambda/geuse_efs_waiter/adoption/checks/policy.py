"""Checks of the file-system policy: the clients may mount, and adoption may do its calls. Pure, no calls."""

from __future__ import annotations

from typing import Any

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.adoption.checks.policy_document import (
    Bearing,
    Caller,
    Statement,
    allows_every_client,
    bearing,
    statements,
)

CLIENT_ACTIONS = ("elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite")
READ_ACTIONS = (
    "elasticfilesystem:DescribeFileSystems",
    "elasticfilesystem:DescribeMountTargets",
)
CREATE_ACTIONS = (
    "elasticfilesystem:CreateMountTarget",
    "elasticfilesystem:DeleteMountTarget",
    "elasticfilesystem:ModifyMountTargetSecurityGroups",
)
"""Read and create actions: what is observed and changed for an adoption."""


def check_denials(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No Deny statement hits the clients or the calls of adoption."""
    management = READ_ACTIONS + (CREATE_ACTIONS if desired.create_missing else ())
    waiter = Caller(observed.account, desired.role_arn)
    findings = []
    for place, statement in enumerate(statements(observed.policy, "Deny"), start=1):
        name = f"Deny statement {statement.get('Sid') or place}"
        clients = bearing(statement, CLIENT_ACTIONS, Caller(anonymous=True), desired.file_system_id)
        calls = bearing(statement, management, waiter, desired.file_system_id)
        findings += _findings_of(desired.file_system_id, name, statement, {"clients": clients, "management": calls})
    return findings


def _findings_of(file_system_id: str, name: str, statement: Statement, bearings: dict[str, Bearing]) -> list[Finding]:
    denied = [f"policy-denies-{whom}" for whom, one in bearings.items() if one == "denied"]
    codes = denied or (["policy-unclear"] if "unknown" in bearings.values() else [])
    return [
        found(
            code,
            file_system_id,
            actual=f"{name} denies {_actions(statement)}{' under conditions' if statement.get('Condition') else ''}",
            expected="clients may mount and write, adoption may do its calls",
        )
        for code in codes
    ]


def check_allowance(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """A policy, once there is one, lets every client mount and write: it ends EFS's default of allowing all."""
    if observed.policy is None:
        return []
    lacking = [action for action in CLIENT_ACTIONS if not allows_every_client(observed.policy, action)]
    if not lacking:
        return []
    return [
        found(
            "policy-needs-iam",
            desired.file_system_id,
            actual=f"not every client is allowed {', '.join(lacking)}",
            expected="every client is allowed them through a mount target",
        )
    ]


def _actions(statement: Statement) -> str:
    given: Any = statement.get("Action") or f"all but {statement.get('NotAction')}"
    return ", ".join(map(str, given)) if isinstance(given, list) else str(given)
