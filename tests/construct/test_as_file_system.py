"""Given where the CDK takes a file system, and granted as the CDK grants, without its pitfalls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy, Size, Stack
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Annotations, Match

from geuse_efs import GeuseEfs, GeuseEfsBase
from tests.construct.adopting import adopt, adopt_known, known
from tests.construct.templates import (
    FILE_SYSTEM,
    READINESS,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    resources_of,
    warnings_of,
)


def _batch(stack: Stack, storage: Any) -> None:
    definition = batch.EcsJobDefinition(
        stack,
        "Job",
        container=batch.EcsEc2ContainerDefinition(
            stack,
            "Container",
            image=ecs.ContainerImage.from_registry("busybox"),
            cpu=1,
            memory=Size.mebibytes(64),
            volumes=[batch.EcsVolume.efs(name="data", file_system=storage, container_path="/data")],
        ),
    )
    assert definition


TAKEN: dict[str, tuple[Callable[[Stack, Any], object], str]] = {
    "access point": (lambda stack, storage: efs.AccessPoint(stack, "P", file_system=storage), "AWS::EFS::AccessPoint"),
    "Batch volume": (_batch, "AWS::Batch::JobDefinition"),
}


@pytest.mark.parametrize("adopted", [False, True], ids=["created", "adopted"])
@pytest.mark.parametrize(("take", "resource_type"), TAKEN.values(), ids=TAKEN)
def test_is_taken_as_a_file_system_and_waited_for(
    take: Callable[[Stack, Any], object], resource_type: str, *, adopted: bool, stack: Stack, vpc: ec2.IVpc
) -> None:
    take(stack, adopt(stack, vpc) if adopted else GeuseEfs(stack, "Efs", vpc=vpc))
    resources = resources_of(stack)
    [consumer] = of_type(resources, resource_type)
    assert of_type(resources, READINESS).keys() <= everything_before(resources, consumer)


def test_has_what_a_resource_of_the_cdk_has(app: App) -> None:
    stack = known(app)
    storage = GeuseEfs(stack, "Efs", vpc=import_vpc(stack))
    storage.apply_removal_policy(RemovalPolicy.DESTROY)
    assert (storage.stack, storage.env.region) == (stack, "us-east-1")
    [file_system] = of_type(resources_of(stack), FILE_SYSTEM).values()
    assert file_system["DeletionPolicy"] == "Delete"


def test_a_removal_policy_of_an_adopted_file_system_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="Storage/Efs is an adopted file system, which is never deleted"):
        adopt(stack, vpc).apply_removal_policy(RemovalPolicy.DESTROY)


def _role(stack: Stack, account: str = "222222222222") -> iam.IRole:
    return iam.Role.from_role_arn(stack, "Reader", f"arn:aws:iam::{account}:role/reader")


def test_a_grant_to_another_account_names_no_resource(app: App) -> None:
    stack = known(app)
    GeuseEfs(stack, "Efs", vpc=import_vpc(stack), require_iam=True).grant_read_write(_role(stack))
    resources = resources_of(stack)
    [file_system] = of_type(resources, FILE_SYSTEM).values()
    statements = file_system["Properties"]["FileSystemPolicy"]["Statement"]
    assert [statement for statement in statements if statement["Effect"] == "Allow"] == [
        {
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:role/reader"},
        }
    ]
    assert in_a_cycle(resources) == []


def test_a_grant_on_an_adopted_file_system_to_another_account_says_what_its_owner_must_do(app: App) -> None:
    stack, storage = adopt_known(app)
    storage.grant_read(_role(stack))
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("222222222222.*reader"))


def _nothing(_storage: GeuseEfsBase, _stack: Stack) -> None:
    pass


USES: dict[str, tuple[dict[str, Any], Callable[[GeuseEfsBase, Stack], object], str | None]] = {
    "IAM, no grant": ({"require_iam": True}, _nothing, "require_iam=True and no grant"),
    "IAM, a grant": ({"require_iam": True}, lambda storage, stack: storage.grant_read(_role(stack)), None),
    "IAM, an access point": ({"require_iam": True}, lambda storage, _: storage.add_access_point("P", path="/p"), None),
    "IAM, a mount with it": (
        {"require_iam": True},
        lambda storage, stack: storage.persistent_volume("data", node_role=_role(stack)),
        None,
    ),
    "neither": ({}, _nothing, None),
}


@pytest.mark.parametrize(("props", "use", "warning"), USES.values(), ids=USES)
def test_warns_if_nobody_could_use_it(
    props: dict[str, Any],
    use: Callable[[GeuseEfsBase, Stack], object],
    warning: str | None,
    stack: Stack,
    vpc: ec2.IVpc,
) -> None:
    use(GeuseEfs(stack, "Efs", vpc=vpc, **props), stack)
    warnings = warnings_of(stack)
    assert [warning in text for text in warnings if warning] == ([True] if warning else [])
    assert bool(warnings) is bool(warning)
