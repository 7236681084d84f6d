"""What is possible and hardly ever meant is a warning; what cannot be deployed is an error at synthesis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt
from tests.construct.templates import resources_of, warnings_of

DESTROY = RemovalPolicy.DESTROY
SQUASH = {"root_squash": True}


def _role(stack: Stack) -> iam.Role:
    return iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))


SQUASHED: Mapping[str, tuple[Callable[[GeuseEfs], Any], int]] = {
    "nobody can write": (lambda storage: storage.grant_read_write(_role(Stack.of(storage))), 1),
    "an access point": (lambda storage: storage.add_access_point("Data"), 0),
    "an access point of its own": (
        lambda storage: efs.AccessPoint(Stack.of(storage), "A", file_system=storage.file_system),
        0,
    ),
    "a grant of root": (lambda storage: storage.grant_root_access(_role(Stack.of(storage))), 0),
}


@pytest.mark.parametrize("case", SQUASHED)
def test_root_squash_where_nobody_can_write_is_a_warning(case: str, stack: Stack, vpc: ec2.IVpc) -> None:
    do, number = SQUASHED[case]
    do(GeuseEfs(stack, "Efs", vpc=vpc, **SQUASH))  # type: ignore[arg-type]
    warnings = warnings_of(stack)
    assert [warning[:16] for warning in warnings] == ["root_squash=True"] * number


@pytest.mark.parametrize(
    ("key", "props", "number"),
    [
        ({"removal_policy": DESTROY}, {}, 1),
        ({"removal_policy": DESTROY}, {"removal_policy": DESTROY}, 0),
        ({}, {}, 0),
    ],
)
def test_a_key_that_goes_before_its_data_is_a_warning(
    key: dict[str, Any], props: dict[str, Any], number: int, stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, kms_key=kms.Key(stack, "Key", **key), **props)
    found = [warning for warning in warnings_of(stack) if "its key Storage/Key/Resource does not" in warning]
    assert len(found) == number


@pytest.mark.parametrize("number", [10, 38])
def test_permissions_that_are_too_long_for_iam_are_told_at_synthesis(number: int, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, tags={f"{n:0>110}": "x" for n in range(number)})
    if number == 10:
        resources_of(stack)
        return
    with pytest.raises(RuntimeError, match=r"permissions of the adoption have about \d+ characters, IAM takes 6144"):
        resources_of(stack)
