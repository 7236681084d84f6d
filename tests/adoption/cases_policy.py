"""Adoption cases: the file-system policy."""

from __future__ import annotations

from typing import Any

from geuse_efs_waiter.adoption.checks.observed import Unread
from tests.adoption.builders import ACCOUNT, FS, REGION, ROLE, VPC, allow, also, deny, policy, statement
from tests.adoption.case import (
    DENIES_CLIENTS,
    DENIES_MANAGEMENT,
    IN_A_AND_B,
    NEEDS_IAM,
    POLICY_UNCLEAR,
    Case,
    Found,
    case,
    warning,
)

NOTHING: Found = frozenset()
NO_TLS = {"Bool": {"aws:SecureTransport": "false"}}
VIA_TARGET = {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
OWN_ARN = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{FS}"
ALL_BUT_A_ROLE = {"Principal": None, "NotPrincipal": {"AWS": ROLE}}


def denial(name: str, finds: Found, *actions: str, wanted: dict[str, Any] | None = None, **more: Any) -> Case:
    """Every client is allowed to mount and write, but a statement denies these actions."""
    return case(name, policy(allow(), deny(*actions, **more)), finds=finds, **(wanted or {}))


def condition(**operators: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": operators}


ALLOWANCES = [
    case("no policy is fine", also(policy=None)),
    case("a policy that lets every client mount and write is fine", policy(allow(Condition=VIA_TARGET))),
    case(
        "the construct's own policy with TLS is fine", policy(allow(Condition=VIA_TARGET), deny("*", Condition=NO_TLS))
    ),
    case("a policy that lets clients only mount is reported", policy(allow("ClientMount")), finds=NEEDS_IAM),
    case(
        "the L2's grant without ClientMount is reported",
        policy(allow("ClientWrite", "ClientRootAccess")),
        finds=NEEDS_IAM,
    ),
    case("a policy for one role only is reported", policy(allow(Principal={"AWS": ROLE})), finds=NEEDS_IAM),
    case(
        "an allowance under conditions is not one for every client",
        policy(allow(**condition(StringEquals={"aws:PrincipalOrgID": "o-1"}))),
        finds=NEEDS_IAM,
    ),
    case("an empty policy is reported", policy(), finds=NEEDS_IAM),
    case(
        "a single statement that is no list is read",
        also(policy={"Statement": deny("ClientMount")}),
        finds=DENIES_CLIENTS | NEEDS_IAM,
    ),
    case(
        "an unreadable policy is reported",
        also(unread=(Unread(FS, "file-system policy", "AccessDeniedException"),)),
        finds=warning("unreadable", FS),
    ),
]

ACTIONS = [
    denial("denying everyone to mount is refused", DENIES_CLIENTS, "ClientMount"),
    denial("denying everyone to write is refused", DENIES_CLIENTS, "Client*", Principal="*"),
    denial("denying everyone root access is fine", NOTHING, "ClientRootAccess"),
    denial("denying everyone everything is refused twice", DENIES_CLIENTS | DENIES_MANAGEMENT, "*"),
    denial("denying creation is refused", DENIES_MANAGEMENT, "CreateMountTarget"),
    denial(
        "denying creation is fine if nothing is created",
        NOTHING,
        "CreateMountTarget",
        wanted={"create_missing": False, "subnets": IN_A_AND_B, "creates": ()},
    ),
    denial(
        "denying tags is fine, because none is written to the file system",
        NOTHING,
        "TagResource",
        wanted={"create_missing": False, "subnets": IN_A_AND_B, "creates": ()},
    ),
    denial("denying deletion of the file system is fine", NOTHING, "DeleteFileSystem"),
    case(
        "denying all but mounting is refused",
        policy(allow(), statement("Deny") | {"Action": None, "NotAction": ["elasticfilesystem:Client*"]}),
        finds=DENIES_MANAGEMENT,
    ),
]

PRINCIPALS = [
    denial("denying the account's root denies the role", DENIES_MANAGEMENT, "CreateMountTarget", Principal=ROOT),
    denial("denying another account is fine", NOTHING, "CreateMountTarget", Principal={"AWS": "210987654321"}),
    case(
        "denying an account while the own one is unknown is unclear",
        also(account=None),
        policy(allow(), deny("CreateMountTarget", Principal=ROOT)),
        finds=POLICY_UNCLEAR,
    ),
    denial(
        "denying the waiter's role is refused",
        DENIES_MANAGEMENT,
        "CreateMountTarget",
        Principal={"AWS": [ROLE]},
        wanted={"role_arn": ROLE},
    ),
    denial(
        "denying another role to create is fine",
        NOTHING,
        "CreateMountTarget",
        Principal={"AWS": ROLE + "2"},
        wanted={"role_arn": ROLE},
    ),
    denial("denying some role to mount is unclear", POLICY_UNCLEAR, "ClientMount", Principal={"AWS": ROLE}),
    denial("denying all but some is unclear", POLICY_UNCLEAR, "ClientMount", **ALL_BUT_A_ROLE),
    denial("denying all but some to create is unclear", POLICY_UNCLEAR, "CreateMountTarget", **ALL_BUT_A_ROLE),
]

CONDITIONS = [
    denial(
        "denying under another condition is unclear",
        POLICY_UNCLEAR,
        "*",
        **condition(StringNotEquals={"aws:SourceVpc": VPC}),
    ),
    denial(
        "a TLS condition with another one beside it is unclear",
        POLICY_UNCLEAR,
        "*",
        **condition(**NO_TLS, StringEquals={"aws:SourceVpc": VPC}),
    ),
    denial(
        "denying those who do come with TLS is unclear",
        POLICY_UNCLEAR,
        "*",
        **condition(Bool={"aws:SecureTransport": "true"}),
    ),
    denial(
        "denying what does not come through a mount target is fine",
        NOTHING,
        "*",
        **condition(Bool={"elasticfilesystem:AccessedViaMountTarget": "false"}),
    ),
    denial(
        "a TLS condition with a JSON boolean is fine", NOTHING, "*", **condition(Bool={"aws:SecureTransport": False})
    ),
    denial(
        "a TLS condition in a list and with IfExists is fine",
        NOTHING,
        "*",
        **condition(BoolIfExists={"aws:SecureTransport": ["false"]}),
    ),
    denial(
        "a denial on another resource is unclear",
        POLICY_UNCLEAR,
        "ClientMount",
        Resource=f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-1",
    ),
    denial("a denial on the file system's own ARN counts", DENIES_CLIENTS, "ClientMount", Resource=OWN_ARN),
]

POLICY = ALLOWANCES + ACTIONS + PRINCIPALS + CONDITIONS
