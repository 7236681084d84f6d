"""What a `GeuseEfs` adds to a plain file system of the CDK, and logical ids that nobody may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from tests.template.templates import (
    FILE_SYSTEM,
    FUNCTION,
    INGRESS,
    LOG_GROUP,
    MOUNT_TARGET,
    POLICY,
    READINESS,
    ROLE,
    SECURITY_GROUP,
    import_vpc,
    resources_of,
)


def test_the_logical_ids_are_frozen(stack: Stack, vpc: ec2.IVpc) -> None:
    """A changed id is data lost (file system), a conflict in the zone (mount target), or an error (service token)."""
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert {name: resource["Type"] for name, resource in resources_of(stack).items()} == {
        "EfsFileSystem339D9BB5": FILE_SYSTEM,
        "EfsMountTargetuseast1aE81339FB": MOUNT_TARGET,
        "EfsMountTargetuseast1b23F7B7A1": MOUNT_TARGET,
        "EfsMountTargetuseast1cA3B6F8B9": MOUNT_TARGET,
        "EfsSecurityGroup8037ECD9": SECURITY_GROUP,
        "EfsReadiness57BF2AA1": READINESS,
        "GeuseEfsWaiterFunction83960107": FUNCTION,
        "GeuseEfsWaiterRoleFA372C3D": ROLE,
        "GeuseEfsWaiterPolicy412A21E1": POLICY,
        "GeuseEfsWaiterLogsAE96AAA0": LOG_GROUP,
    }


def _types(stack: Stack) -> Counter[str]:
    return Counter(resource["Type"] for resource in resources_of(stack).values())


def test_one_file_system_adds_a_function_its_surroundings_and_a_custom_resource(new_app: Callable[..., App]) -> None:
    plain, ours = Stack(new_app(), "Storage"), Stack(new_app(), "Storage")
    client = "sg-11111111"
    l2 = efs.FileSystem(plain, "Efs", vpc=import_vpc(plain))
    l2.connections.allow_default_port_from(ec2.SecurityGroup.from_security_group_id(plain, "Client", client))
    GeuseEfs(
        ours,
        "Efs",
        vpc=import_vpc(ours),
        clients=[ec2.SecurityGroup.from_security_group_id(ours, "Client", client)],
    )
    added, lacking = _types(ours) - _types(plain), _types(plain) - _types(ours)
    assert added == Counter([FUNCTION, ROLE, POLICY, LOG_GROUP, READINESS])
    assert not lacking


def test_a_second_file_system_adds_a_custom_resource_only(new_app: Callable[..., App]) -> None:
    one, two = Stack(new_app(), "Storage"), Stack(new_app(), "Storage")
    GeuseEfs(one, "Efs", vpc=import_vpc(one))
    vpc = import_vpc(two)
    for name in ("Efs", "More"):
        GeuseEfs(two, name, vpc=vpc)
    assert _types(two) - _types(one) == Counter({FILE_SYSTEM: 1, SECURITY_GROUP: 1, READINESS: 1, MOUNT_TARGET: 3})


def test_a_rule_is_all_that_a_client_adds(new_app: Callable[..., App]) -> None:
    without, with_client = Stack(new_app(), "Storage"), Stack(new_app(), "Storage")
    GeuseEfs(without, "Efs", vpc=import_vpc(without))
    client = ec2.SecurityGroup.from_security_group_id(with_client, "Client", "sg-11111111")
    GeuseEfs(with_client, "Efs", vpc=import_vpc(with_client), clients=[client])
    assert _types(with_client) - _types(without) == Counter([INGRESS])
