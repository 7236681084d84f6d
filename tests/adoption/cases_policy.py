"""Adoption cases: the file-system policy."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import Unread
from tests.adoption.builders import (
    ACCOUNT,
    FS,
    REGION,
    ROLE,
    VPC,
    allow,
    also,
    deny,
    policy,
    seen,
    statement,
    wish,
)
from tests.adoption.case import (
    DENIES_CLIENTS,
    DENIES_MANAGEMENT,
    IN_A_AND_B,
    NOT_TLS,
    OFF,
    POLICY_UNCLEAR,
    ROLE_ROOT,
    VIA_TARGET,
    Case,
    Expected,
    W,
)

NEEDS_IAM: Expected = {("policy-needs-iam", W, FS)}

POLICY = [
    Case("no policy is fine", wish(), seen(also(policy=None))),
    Case("a policy that lets every client mount and write is fine", wish(), seen(policy(allow(**VIA_TARGET)))),
    Case("our own policy with TLS is fine", wish(), seen(policy(allow(**VIA_TARGET), deny("*", **NOT_TLS)))),
    Case("a policy that lets clients only mount is told", wish(), seen(policy(allow("ClientMount"))), NEEDS_IAM),
    Case(
        "the L2's grant without ClientMount is told",
        wish(),
        seen(policy(allow("ClientWrite", "ClientRootAccess"))),
        NEEDS_IAM,
    ),
    Case("a policy for one role only is told", wish(), seen(policy(allow(Principal={"AWS": ROLE}))), NEEDS_IAM),
    Case(
        "an allowance under conditions is not one for every client",
        wish(),
        seen(policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))),
        NEEDS_IAM,
    ),
    Case("an empty policy is told", wish(), seen(policy()), NEEDS_IAM),
    Case("denying everyone to mount is refused", wish(), seen(policy(allow(), deny("ClientMount"))), DENIES_CLIENTS),
    Case(
        "denying everyone to write is refused",
        wish(),
        seen(policy(allow(), deny("Client*", Principal="*"))),
        DENIES_CLIENTS,
    ),
    Case("denying everyone root access is fine", wish(), seen(policy(allow(), deny("ClientRootAccess")))),
    Case(
        "denying everyone everything is refused twice",
        wish(),
        seen(policy(allow(), deny("*"))),
        DENIES_CLIENTS | DENIES_MANAGEMENT,
    ),
    Case(
        "a single statement that is no list is read",
        wish(),
        seen(also(policy={"Statement": deny("ClientMount")})),
        DENIES_CLIENTS | NEEDS_IAM,
    ),
    Case("denying creation is refused", wish(), seen(policy(allow(), deny("CreateMountTarget"))), DENIES_MANAGEMENT),
    Case(
        "denying creation is fine if nothing is created",
        wish(create_missing=False, **IN_A_AND_B),
        seen(policy(allow(), deny("CreateMountTarget"))),
        OFF,
        (),
    ),
    Case(
        "denying tags is refused, because the ledger is a tag",
        wish(create_missing=False, **IN_A_AND_B),
        seen(policy(allow(), deny("TagResource"))),
        DENIES_MANAGEMENT,
        (),
    ),
    Case("denying deletion of the file system is fine", wish(), seen(policy(allow(), deny("DeleteFileSystem")))),
    Case(
        "denying all but mounting is refused",
        wish(),
        seen(policy(allow(), statement("Deny") | {"Action": None, "NotAction": ["elasticfilesystem:Client*"]})),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying our account's root denies our role",
        wish(),
        seen(policy(allow(), deny("CreateMountTarget", **ROLE_ROOT))),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying another account is fine",
        wish(),
        seen(policy(allow(), deny("CreateMountTarget", Principal={"AWS": "210987654321"}))),
    ),
    Case(
        "denying an account while ours is unknown cannot be told",
        wish(),
        seen(also(account=None), policy(allow(), deny("CreateMountTarget", **ROLE_ROOT))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying our role is refused",
        wish(role_arn=ROLE),
        seen(policy(allow(), deny("CreateMountTarget", Principal={"AWS": [ROLE]}))),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying another role to create is fine",
        wish(role_arn=ROLE),
        seen(policy(allow(), deny("CreateMountTarget", Principal={"AWS": ROLE + "2"}))),
    ),
    Case(
        "denying some role to mount cannot be told",
        wish(),
        seen(policy(allow(), deny("ClientMount", Principal={"AWS": ROLE}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying all but some cannot be told",
        wish(),
        seen(policy(allow(), deny("ClientMount", NotPrincipal={"AWS": ROLE}) | {"Principal": None})),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying all but some to create cannot be told",
        wish(),
        seen(policy(allow(), deny("CreateMountTarget", NotPrincipal={"AWS": ROLE}) | {"Principal": None})),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying under conditions of one's own cannot be told",
        wish(),
        seen(policy(allow(), deny("*", Condition={"StringNotEquals": {"aws:SourceVpc": VPC}}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "a TLS condition with another one beside it cannot be told",
        wish(),
        seen(
            policy(
                allow(),
                deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": VPC}}),
            )
        ),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying those who do come with TLS cannot be told",
        wish(),
        seen(policy(allow(), deny("*", Condition={"Bool": {"aws:SecureTransport": "true"}}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying what does not come through a mount target is fine",
        wish(),
        seen(policy(allow(), deny("*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}))),
    ),
    Case(
        "a TLS condition with a JSON boolean is fine",
        wish(),
        seen(policy(allow(), deny("*", Condition={"Bool": {"aws:SecureTransport": False}}))),
    ),
    Case(
        "a TLS condition in a list and with IfExists is fine",
        wish(),
        seen(policy(allow(), deny("*", Condition={"BoolIfExists": {"aws:SecureTransport": ["false"]}}))),
    ),
    Case(
        "a denial on another resource cannot be told",
        wish(),
        seen(
            policy(allow(), deny("ClientMount", Resource="arn:aws:elasticfilesystem:us-east-1:1:access-point/fsap-1"))
        ),
        POLICY_UNCLEAR,
    ),
    Case(
        "a denial on the file system's own ARN counts",
        wish(),
        seen(
            policy(
                allow(), deny("ClientMount", Resource=f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{FS}")
            )
        ),
        DENIES_CLIENTS,
    ),
    Case(
        "an unreadable policy is told",
        wish(),
        seen(also(unread=(Unread(FS, "file-system policy", "AccessDeniedException"),))),
        {("unreadable", W, FS)},
    ),
]
