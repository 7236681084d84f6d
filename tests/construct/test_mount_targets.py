"""One mount target an availability zone, wherever the VPC comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs, IpAddressType
from tests.construct.templates import MOUNT_TARGET, ZONES, Resources, import_vpc, of_type, resources_of

KNOWN = Environment(account="111122223333", region="us-east-1")


def _subnets_of(stack: Stack) -> list[str]:
    return sorted(
        str(target["Properties"]["SubnetId"]) for target in of_type(resources_of(stack), MOUNT_TARGET).values()
    )


def test_there_is_one_in_each_zone(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert _subnets_of(stack) == ["subnet-0000000a", "subnet-0000000b", "subnet-0000000c"]


def test_there_is_one_in_each_zone_of_several_subnets(stack: Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-00000001", "subnet-00000002", "subnet-00000003", "subnet-00000004"],
    )
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert _subnets_of(stack) == ["subnet-00000001", "subnet-00000002"]


def test_the_logical_id_contains_the_zone(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    targets = of_type(resources_of(stack), MOUNT_TARGET)
    assert [name[: len("EfsMountTargetuseast1a")] for name in targets] == [
        "EfsMountTargetuseast1a",
        "EfsMountTargetuseast1b",
        "EfsMountTargetuseast1c",
    ]


def _targets_with(new_app: Callable[..., App], order: Sequence[str]) -> Resources:
    stack = Stack(new_app(), "Storage")
    subnets = [
        ec2.Subnet.from_subnet_attributes(
            stack, f"Subnet{place}", subnet_id=f"subnet-0000000{zone[-1]}", availability_zone=zone
        )
        for place, zone in enumerate(order)
    ]
    GeuseEfs(stack, "Efs", vpc=import_vpc(stack), vpc_subnets=ec2.SubnetSelection(subnets=subnets))
    return of_type(resources_of(stack), MOUNT_TARGET)


def test_they_stay_the_same_when_subnets_change_their_order(new_app: Callable[..., App]) -> None:
    assert _targets_with(new_app, ZONES) == _targets_with(new_app, ZONES[::-1])


def test_they_stay_the_same_when_a_zone_is_added(new_app: Callable[..., App]) -> None:
    assert _targets_with(new_app, ZONES[1:]).items() <= _targets_with(new_app, ZONES).items()


def test_the_logical_ids_do_not_depend_on_the_region_of_a_stack_without_one(stack: Stack) -> None:
    GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0))
    names = of_type(resources_of(stack), MOUNT_TARGET)
    assert {name[: len("EfsMountTargetIsolatedSubnet1")] for name in names} == {
        "EfsMountTargetIsolatedSubnet1",
        "EfsMountTargetIsolatedSubnet2",
    }


def test_subnets_of_the_same_construct_id_are_told_apart(stack: Stack, vpc: ec2.IVpc) -> None:
    zones = ec2.Vpc(stack, "New", nat_gateways=0, max_azs=2).public_subnets
    same_id = [
        ec2.Subnet.from_subnet_attributes(
            Stack(stack, f"Scope{place}"),
            "Subnet",
            subnet_id=subnet.subnet_id,
            availability_zone=subnet.availability_zone,
        )
        for place, subnet in enumerate(zones)
    ]
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(subnets=same_id))
    assert len(_subnets_of(stack)) == 2


def test_only_subnets_of_the_selection_get_one(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=ec2.SubnetSelection(availability_zones=["us-east-1a", "us-east-1c"]))
    assert _subnets_of(stack) == ["subnet-0000000a", "subnet-0000000c"]


def test_a_selection_may_be_a_dictionary(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets={"availability_zones": ["us-east-1a"]})  # type: ignore[arg-type]
    assert _subnets_of(stack) == ["subnet-0000000a"]


def test_one_zone_takes_the_first_zone_only(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, one_zone=True)
    assert _subnets_of(stack) == ["subnet-0000000a"]


def test_public_subnets_are_accepted_on_request(stack: Stack) -> None:
    GeuseEfs(stack, "Efs", vpc=_public_vpc(stack), allow_public_subnets=True)
    assert _subnets_of(stack) == ["subnet-0000000a"]


def test_public_subnets_are_refused(stack: Stack) -> None:
    with pytest.raises(
        ValueError, match=r"vpc_subnets selects public subnets of Storage/Public; .*allow_public_subnets"
    ):
        GeuseEfs(stack, "Efs", vpc=_public_vpc(stack))


def test_private_subnets_are_taken_where_there_are_public_ones_too(stack: Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        public_subnet_ids=["subnet-0000000f"],
        private_subnet_ids=["subnet-00000001"],
    )
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert _subnets_of(stack) == ["subnet-00000001"]


def test_a_vpc_that_is_not_looked_up_yet_synthesises(app: App) -> None:
    stack = Stack(app, "Known", env=KNOWN)
    GeuseEfs(stack, "Efs", vpc=ec2.Vpc.from_lookup(stack, "Vpc", vpc_id="vpc-0123456789abcdef0"))
    assert _subnets_of(stack) == ["p-12345", "p-67890"]


def test_addresses_are_ipv4_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    targets = of_type(resources_of(stack), MOUNT_TARGET).values()
    assert not any("IpAddressType" in target["Properties"] for target in targets)


@pytest.mark.parametrize("address_type", [IpAddressType.DUAL_STACK, IpAddressType.IPV6_ONLY])
def test_addresses_can_be_ipv6(address_type: IpAddressType, stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, ip_address_type=address_type)
    targets = of_type(resources_of(stack), MOUNT_TARGET).values()
    assert [target["Properties"]["IpAddressType"] for target in targets] == [address_type.value] * 3


def test_addresses_can_be_fixed_by_zone(stack: Stack, vpc: ec2.IVpc) -> None:
    fixed = {"ip_addresses": {"us-east-1a": "10.0.0.9"}, "ipv6_addresses": {"us-east-1b": "2001:db8::9"}}
    GeuseEfs(stack, "Efs", vpc=vpc, ip_address_type=IpAddressType.DUAL_STACK, **fixed)  # type: ignore[arg-type]
    targets = of_type(resources_of(stack), MOUNT_TARGET).values()
    found = [(target["Properties"].get("IpAddress"), target["Properties"].get("Ipv6Address")) for target in targets]
    assert found == [("10.0.0.9", None), (None, "2001:db8::9"), (None, None)]


@pytest.mark.parametrize(
    ("fixed", "message"),
    [
        (
            {"ip_addresses": {"us-east-1f": "10.0.0.9"}},
            r"ip_addresses has the zone 'us-east-1f'; allowed .* us-east-1a, us",
        ),
        (
            {"ip_addresses": {"us-east-1a": "10.0.0.0/24"}},
            r"ip_addresses\['us-east-1a'\] is '10\.0\.0\.0/24'; allowed is an IPv4",
        ),
        (
            {"ipv6_addresses": {"us-east-1a": "2001:db8::9"}},
            r"ipv6_addresses was given with ip_address_type IPV4_ONLY, which",
        ),
    ],
)
def test_fixed_addresses_that_do_not_fit_are_refused(
    fixed: dict[str, Any], message: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    with pytest.raises(ValueError, match=message):
        GeuseEfs(stack, "Efs", vpc=vpc, **fixed)


@pytest.mark.parametrize("number", [1, 5])
def test_all_get_the_security_groups_given(number: int, stack: Stack, vpc: ec2.IVpc) -> None:
    groups = [
        ec2.SecurityGroup.from_security_group_id(stack, f"Group{place}", f"sg-0000000{place}")
        for place in range(number)
    ]
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=groups)
    targets = of_type(resources_of(stack), MOUNT_TARGET).values()
    expected = [f"sg-0000000{place}" for place in range(number)]
    assert [target["Properties"]["SecurityGroups"] for target in targets] == [expected] * 3


def _public_vpc(stack: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Public",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        public_subnet_ids=["subnet-0000000a"],
    )
