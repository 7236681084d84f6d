"""What a `GeuseEfs` adds to a plain file system of the CDK, and logical ids that nobody may change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt, group
from tests.construct.templates import (
    FILE_SYSTEM,
    FUNCTION,
    INGRESS,
    LOG_GROUP,
    MANAGED_POLICY,
    MOUNT_TARGET,
    POLICY,
    READINESS,
    ROLE,
    SECURITY_GROUP,
    import_vpc,
    of_type,
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
        "EfsReadinessF885DC8F": READINESS,
        "GeuseEfsWaiterFunction83960107": FUNCTION,
        "GeuseEfsWaiterRoleFA372C3D": ROLE,
        "GeuseEfsWaiterPolicy412A21E1": POLICY,
        "GeuseEfsWaiterLogsAE96AAA0": LOG_GROUP,
    }


def test_the_logical_ids_of_an_adoption_are_frozen(stack: Stack, vpc: ec2.IVpc) -> None:
    """Another id of the custom resource is another adopter; that of a created one would be turned into an adoption."""
    adopt(stack, vpc, clients=[group(stack)])
    assert {name: resource["Type"] for name, resource in resources_of(stack).items()} == {
        "EfsAdoption939BBDB4": READINESS,
        "EfsRightsfs0123456789abcdef0F9948306": MANAGED_POLICY,
        "EfsSecurityGroupfs0123456789abcdef003920CDB": SECURITY_GROUP,
        "EfsSecurityGroupfs0123456789abcdef0fromStorageGroup14B02CC30204912A10033": INGRESS,
        "GeuseEfsWaiterFunction83960107": FUNCTION,
        "GeuseEfsWaiterRoleFA372C3D": ROLE,
        "GeuseEfsWaiterPolicy412A21E1": POLICY,
        "GeuseEfsWaiterLogsAE96AAA0": LOG_GROUP,
    }


@pytest.mark.parametrize("resource_type", [FUNCTION, ROLE, LOG_GROUP])
def test_created_and_adopted_file_systems_of_a_stack_share_one(resource_type: str, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    GeuseEfs(stack, "Created", vpc=vpc)
    GeuseEfs.adopt(stack, "Another", file_system_id="fs-76543210", vpc=vpc)
    resources = resources_of(stack)
    assert len(of_type(resources, READINESS)) == 3
    assert len(of_type(resources, resource_type)) == 1


def test_created_and_adopted_file_systems_answer_to_the_same_function(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Created", vpc=vpc)
    adopt(stack, vpc)
    tokens = [resource["Properties"]["ServiceToken"] for resource in of_type(resources_of(stack), READINESS).values()]
    assert tokens == [{"Fn::GetAtt": ["GeuseEfsWaiterFunction83960107", "Arn"]}] * 2


def test_a_second_adoption_adds_a_custom_resource_its_permissions_and_a_group(new_app: Callable[..., App]) -> None:
    one, two = Stack(new_app(), "Storage"), Stack(new_app(), "Storage")
    adopt(one, import_vpc(one))
    vpc = import_vpc(two)
    adopt(two, vpc)
    GeuseEfs.adopt(two, "More", file_system_id="fs-76543210", vpc=vpc)
    assert _types(two) - _types(one) == Counter([READINESS, MANAGED_POLICY, SECURITY_GROUP])


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
