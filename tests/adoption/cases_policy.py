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


def denial(finds: Found, *actions: str, wanted: dict[str, Any] | None = None, **more: Any) -> Case:
    """Every client is allowed to mount and write, but a statement denies these actions."""
    return case(policy(allow(), deny(*actions, **more)), finds=finds, **(wanted or {}))


def condition(**operators: dict[str, Any]) -> dict[str, Any]:
    return {"Condition": operators}


ALLOWANCES = {
    "no policy is fine": case(also(policy=None)),
    "a policy that lets every client mount and write is fine": case(policy(allow(Condition=VIA_TARGET))),
    "the construct's own policy with TLS is fine": case(
        policy(allow(Condition=VIA_TARGET), deny("*", Condition=NO_TLS))
    ),
    "a policy that lets clients only mount is reported": case(policy(allow("ClientMount")), finds=NEEDS_IAM),
    "the L2's grant without ClientMount is reported": case(
        policy(allow("ClientWrite", "ClientRootAccess")), finds=NEEDS_IAM
    ),
    "a policy for one role only is reported": case(policy(allow(Principal={"AWS": ROLE})), finds=NEEDS_IAM),
    "an allowance under conditions is not one for every client": case(
        policy(allow(**condition(StringEquals={"aws:PrincipalOrgID": "o-1"}))), finds=NEEDS_IAM
    ),
    "an empty policy is reported": case(policy(), finds=NEEDS_IAM),
    "a single statement that is no list is read": case(
        also(policy={"Statement": deny("ClientMount")}), finds=DENIES_CLIENTS | NEEDS_IAM
    ),
    "an unreadable policy is reported": case(
        also(unread=(Unread(FS, "file-system policy", "AccessDeniedException"),)), finds=warning("unreadable", FS)
    ),
}

ACTIONS = {
    "denying everyone to mount is refused": denial(DENIES_CLIENTS, "ClientMount"),
    "denying everyone to write is refused": denial(DENIES_CLIENTS, "Client*", Principal="*"),
    "denying everyone root access is fine": denial(NOTHING, "ClientRootAccess"),
    "denying everyone everything is refused twice": denial(DENIES_CLIENTS | DENIES_MANAGEMENT, "*"),
    "denying creation is refused": denial(DENIES_MANAGEMENT, "CreateMountTarget"),
    "denying creation is fine if nothing is created": denial(
        NOTHING, "CreateMountTarget", wanted={"create_missing": False, "subnets": IN_A_AND_B, "creates": ()}
    ),
    "denying tags is fine, because none is written to the file system": denial(
        NOTHING, "TagResource", wanted={"create_missing": False, "subnets": IN_A_AND_B, "creates": ()}
    ),
    "denying deletion of the file system is fine": denial(NOTHING, "DeleteFileSystem"),
    "denying all but mounting is refused": case(
        policy(allow(), statement("Deny") | {"Action": None, "NotAction": ["elasticfilesystem:Client*"]}),
        finds=DENIES_MANAGEMENT,
    ),
}

PRINCIPALS = {
    "denying the account's root denies the role": denial(DENIES_MANAGEMENT, "CreateMountTarget", Principal=ROOT),
    "denying another account is fine": denial(NOTHING, "CreateMountTarget", Principal={"AWS": "210987654321"}),
    "denying an account while the own one is unknown is unclear": case(
        also(account=None), policy(allow(), deny("CreateMountTarget", Principal=ROOT)), finds=POLICY_UNCLEAR
    ),
    "denying the waiter's role is refused": denial(
        DENIES_MANAGEMENT, "CreateMountTarget", Principal={"AWS": [ROLE]}, wanted={"role_arn": ROLE}
    ),
    "denying another role to create is fine": denial(
        NOTHING, "CreateMountTarget", Principal={"AWS": ROLE + "2"}, wanted={"role_arn": ROLE}
    ),
    "denying some role to mount is unclear": denial(POLICY_UNCLEAR, "ClientMount", Principal={"AWS": ROLE}),
    "denying all but some is unclear": denial(POLICY_UNCLEAR, "ClientMount", **ALL_BUT_A_ROLE),
    "denying all but some to create is unclear": denial(POLICY_UNCLEAR, "CreateMountTarget", **ALL_BUT_A_ROLE),
}

CONDITIONS = {
    "denying under another condition is unclear": denial(
        POLICY_UNCLEAR, "*", **condition(StringNotEquals={"aws:SourceVpc": VPC})
    ),
    "a TLS condition with another one beside it is unclear": denial(
        POLICY_UNCLEAR, "*", **condition(**NO_TLS, StringEquals={"aws:SourceVpc": VPC})
    ),
    "denying those who do come with TLS is unclear": denial(
        POLICY_UNCLEAR, "*", **condition(Bool={"aws:SecureTransport": "true"})
    ),
    "denying what does not come through a mount target is fine": denial(
        NOTHING, "*", **condition(Bool={"elasticfilesystem:AccessedViaMountTarget": "false"})
    ),
    "a TLS condition with a JSON boolean is fine": denial(
        NOTHING, "*", **condition(Bool={"aws:SecureTransport": False})
    ),
    "a TLS condition in a list and with IfExists is fine": denial(
        NOTHING, "*", **condition(BoolIfExists={"aws:SecureTransport": ["false"]})
    ),
    "a denial on another resource is unclear": denial(
        POLICY_UNCLEAR, "ClientMount", Resource=f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:access-point/fsap-1"
    ),
    "a denial on the file system's own ARN counts": denial(DENIES_CLIENTS, "ClientMount", Resource=OWN_ARN),
}

POLICY = ALLOWANCES | ACTIONS | PRINCIPALS | CONDITIONS
