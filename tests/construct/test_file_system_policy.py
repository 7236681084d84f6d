"""The file-system policy is exactly ours: the CDK adds nothing to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from geuse_efs import GeuseEfs
from tests.construct.templates import FILE_SYSTEM, POLICY, import_vpc, of_type, properties_of, resources_of

MOUNT, WRITE, ROOT = (f"elasticfilesystem:{name}" for name in ("ClientMount", "ClientWrite", "ClientRootAccess"))
ANONYMOUS_FLAG = "@aws-cdk/aws-efs:denyAnonymousAccess"

DENY_WITHOUT_TLS = {
    "Sid": "DenyWithoutTls",
    "Effect": "Deny",
    "Principal": {"AWS": "*"},
    "Action": "elasticfilesystem:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}


def _allow(*actions: str) -> dict[str, Any]:
    return {
        "Sid": "AllowThroughMountTargets",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": list(actions),
        "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
    }


@pytest.mark.parametrize(
    ("options", "statements"),
    [
        ({}, [_allow(MOUNT, ROOT, WRITE), DENY_WITHOUT_TLS]),
        ({"root_squash": True}, [_allow(MOUNT, WRITE), DENY_WITHOUT_TLS]),
        ({"require_iam": True}, [DENY_WITHOUT_TLS]),
        ({"require_iam": True, "root_squash": True}, [DENY_WITHOUT_TLS]),
        ({"enforce_tls": False}, [_allow(MOUNT, ROOT, WRITE)]),
        ({"enforce_tls": False, "root_squash": True}, [_allow(MOUNT, WRITE)]),
    ],
    ids=str,
)
def test_says_exactly_what_the_options_say(
    options: dict[str, Any], statements: list[dict[str, Any]], stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, **options)
    policy = properties_of(FILE_SYSTEM, stack)["FileSystemPolicy"]
    assert policy == {"Version": "2012-10-17", "Statement": statements}


@pytest.mark.parametrize("flag", [True, False, None])
@pytest.mark.parametrize("grant", ["grant_read", "grant_read_write", "grant_root_access"])
def test_grants_open_it_to_nobody_else(grant: str, flag: bool | None, new_app: Callable[..., App]) -> None:
    stack = Stack(new_app(None if flag is None else {ANONYMOUS_FLAG: flag}), "Storage")
    storage = GeuseEfs(stack, "Efs", vpc=import_vpc(stack), require_iam=True)
    getattr(storage, grant)(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
    assert properties_of(FILE_SYSTEM, stack)["FileSystemPolicy"]["Statement"] == [DENY_WITHOUT_TLS]


@pytest.mark.parametrize(
    ("grant", "actions"),
    [
        ("grant_read", {MOUNT}),
        ("grant_read_write", {MOUNT, WRITE}),
        ("grant_root_access", {MOUNT, WRITE, ROOT}),
    ],
)
def test_grants_reach_the_role_and_name_the_file_system(
    grant: str, actions: set[str], stack: Stack, vpc: ec2.IVpc
) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    getattr(storage, grant)(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")))
    statement = _granted(stack)
    granted = statement["Action"]
    assert set([granted] if isinstance(granted, str) else granted) == actions
    assert statement["Condition"] == {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    assert statement["Resource"] == stack.resolve(storage.file_system_arn)


def test_grants_single_actions(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    storage.grant(role, "elasticfilesystem:DescribeFileSystems")
    statement = _granted(stack)
    assert statement["Action"] == "elasticfilesystem:DescribeFileSystems"
    assert statement["Resource"] == stack.resolve(storage.file_system_arn)


def _granted(stack: Stack) -> dict[str, Any]:
    policies = of_type(resources_of(stack), POLICY)
    [policy] = [policy for name, policy in policies.items() if name.startswith("RoleDefaultPolicy")]
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    return dict(statement)
