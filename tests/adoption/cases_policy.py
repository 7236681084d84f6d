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
    desired,
    observed,
    policy,
    statement,
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
    Case("no policy is fine", desired(), observed(also(policy=None))),
    Case("a policy that lets every client mount and write is fine", desired(), observed(policy(allow(**VIA_TARGET)))),
    Case("our own policy with TLS is fine", desired(), observed(policy(allow(**VIA_TARGET), deny("*", **NOT_TLS)))),
    Case("a policy that lets clients only mount is told", desired(), observed(policy(allow("ClientMount"))), NEEDS_IAM),
    Case(
        "the L2's grant without ClientMount is told",
        desired(),
        observed(policy(allow("ClientWrite", "ClientRootAccess"))),
        NEEDS_IAM,
    ),
    Case("a policy for one role only is told", desired(), observed(policy(allow(Principal={"AWS": ROLE}))), NEEDS_IAM),
    Case(
        "an allowance under conditions is not one for every client",
        desired(),
        observed(policy(allow(Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}))),
        NEEDS_IAM,
    ),
    Case("an empty policy is told", desired(), observed(policy()), NEEDS_IAM),
    Case(
        "denying everyone to mount is refused",
        desired(),
        observed(policy(allow(), deny("ClientMount"))),
        DENIES_CLIENTS,
    ),
    Case(
        "denying everyone to write is refused",
        desired(),
        observed(policy(allow(), deny("Client*", Principal="*"))),
        DENIES_CLIENTS,
    ),
    Case("denying everyone root access is fine", desired(), observed(policy(allow(), deny("ClientRootAccess")))),
    Case(
        "denying everyone everything is refused twice",
        desired(),
        observed(policy(allow(), deny("*"))),
        DENIES_CLIENTS | DENIES_MANAGEMENT,
    ),
    Case(
        "a single statement that is no list is read",
        desired(),
        observed(also(policy={"Statement": deny("ClientMount")})),
        DENIES_CLIENTS | NEEDS_IAM,
    ),
    Case(
        "denying creation is refused",
        desired(),
        observed(policy(allow(), deny("CreateMountTarget"))),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying creation is fine if nothing is created",
        desired(create_missing=False, **IN_A_AND_B),
        observed(policy(allow(), deny("CreateMountTarget"))),
        OFF,
        (),
    ),
    Case(
        "denying tags is fine, because none is written to the file system",
        desired(create_missing=False, **IN_A_AND_B),
        observed(policy(allow(), deny("TagResource"))),
        OFF,
        (),
    ),
    Case("denying deletion of the file system is fine", desired(), observed(policy(allow(), deny("DeleteFileSystem")))),
    Case(
        "denying all but mounting is refused",
        desired(),
        observed(policy(allow(), statement("Deny") | {"Action": None, "NotAction": ["elasticfilesystem:Client*"]})),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying our account's root denies our role",
        desired(),
        observed(policy(allow(), deny("CreateMountTarget", **ROLE_ROOT))),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying another account is fine",
        desired(),
        observed(policy(allow(), deny("CreateMountTarget", Principal={"AWS": "210987654321"}))),
    ),
    Case(
        "denying an account while ours is unknown cannot be told",
        desired(),
        observed(also(account=None), policy(allow(), deny("CreateMountTarget", **ROLE_ROOT))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying our role is refused",
        desired(role_arn=ROLE),
        observed(policy(allow(), deny("CreateMountTarget", Principal={"AWS": [ROLE]}))),
        DENIES_MANAGEMENT,
    ),
    Case(
        "denying another role to create is fine",
        desired(role_arn=ROLE),
        observed(policy(allow(), deny("CreateMountTarget", Principal={"AWS": ROLE + "2"}))),
    ),
    Case(
        "denying some role to mount cannot be told",
        desired(),
        observed(policy(allow(), deny("ClientMount", Principal={"AWS": ROLE}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying all but some cannot be told",
        desired(),
        observed(policy(allow(), deny("ClientMount", NotPrincipal={"AWS": ROLE}) | {"Principal": None})),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying all but some to create cannot be told",
        desired(),
        observed(policy(allow(), deny("CreateMountTarget", NotPrincipal={"AWS": ROLE}) | {"Principal": None})),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying under conditions of one's own cannot be told",
        desired(),
        observed(policy(allow(), deny("*", Condition={"StringNotEquals": {"aws:SourceVpc": VPC}}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "a TLS condition with another one beside it cannot be told",
        desired(),
        observed(
            policy(
                allow(),
                deny("*", Condition={"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:SourceVpc": VPC}}),
            )
        ),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying those who do come with TLS cannot be told",
        desired(),
        observed(policy(allow(), deny("*", Condition={"Bool": {"aws:SecureTransport": "true"}}))),
        POLICY_UNCLEAR,
    ),
    Case(
        "denying what does not come through a mount target is fine",
        desired(),
        observed(policy(allow(), deny("*", Condition={"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}))),
    ),
    Case(
        "a TLS condition with a JSON boolean is fine",
        desired(),
        observed(policy(allow(), deny("*", Condition={"Bool": {"aws:SecureTransport": False}}))),
    ),
    Case(
        "a TLS condition in a list and with IfExists is fine",
        desired(),
        observed(policy(allow(), deny("*", Condition={"BoolIfExists": {"aws:SecureTransport": ["false"]}}))),
    ),
    Case(
        "a denial on another resource cannot be told",
        desired(),
        observed(
            policy(allow(), deny("ClientMount", Resource="arn:aws:elasticfilesystem:us-east-1:1:access-point/fsap-1"))
        ),
        POLICY_UNCLEAR,
    ),
    Case(
        "a denial on the file system's own ARN counts",
        desired(),
        observed(
            policy(
                allow(), deny("ClientMount", Resource=f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}:file-system/{FS}")
            )
        ),
        DENIES_CLIENTS,
    ),
    Case(
        "an unreadable policy is told",
        desired(),
        observed(also(unread=(Unread(FS, "file-system policy", "AccessDeniedException"),))),
        {("unreadable", W, FS)},
    ),
]
