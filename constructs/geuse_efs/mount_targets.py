"""Mount targets: how they are defined, and what other resources can read of them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from constructs import Construct

from geuse_efs.availability_zones import Zone
from geuse_efs.validation import is_known


class IpAddressType(StrEnum):
    """The addresses a mount target gets from its subnet. EFS cannot change it later.

    Source: EFS API, CreateMountTarget, IpAddressType.
    """

    IPV4_ONLY = "IPV4_ONLY"
    DUAL_STACK = "DUAL_STACK"
    IPV6_ONLY = "IPV6_ONLY"


@dataclass(frozen=True)
class MountTarget:
    """One mount target as other resources see it. Reading any attribute waits until it is available.

    Attributes:
        availability_zone: the AZ's name, for example us-east-1a.
        availability_zone_id: the AZ's id, the same in every account, for example use1-az4.
        mount_target_id: fsmt-…
        subnet_id: the subnet of the mount target; clients may sit in any subnet of the AZ.
        ip_address: the IPv4 address, empty on an IPv6-only mount target.
        ipv6_address: the IPv6 address, empty on an IPv4-only mount target.
        network_interface_id: eni-…, which carries the tags and security groups.
        dns_name: resolves to this mount target from everywhere in the VPC, at the price of cross-AZ traffic.
    """

    availability_zone: str
    availability_zone_id: str
    mount_target_id: str
    subnet_id: str
    ip_address: str
    ipv6_address: str
    network_interface_id: str
    dns_name: str


def define_mount_targets(
    scope: Construct,
    file_system_id: str,
    zones: Sequence[Zone],
    security_group_ids: Sequence[str],
    ip_address_type: IpAddressType,
    *,
    ip_addresses: Mapping[str, str],
    ipv6_addresses: Mapping[str, str],
) -> dict[Zone, efs.CfnMountTarget]:
    """One L1 mount target per zone, because the L2 has no word for the address type.

    The zone is part of the construct id: subnets may change their order, never a logical id.
    """
    targets = {
        zone: efs.CfnMountTarget(
            scope,
            f"MountTarget-{zone.key}",
            file_system_id=file_system_id,
            subnet_id=zone.subnet_id,
            security_groups=list(security_group_ids),
            ip_address=ip_addresses.get(zone.key),
        )
        for zone in zones
    }
    for zone, target in targets.items() if ip_address_type is not IpAddressType.IPV4_ONLY else ():
        # Older versions of the CDK lack the arguments.
        target.add_property_override("IpAddressType", ip_address_type.value)
        if zone.key in ipv6_addresses:
            target.add_property_override("Ipv6Address", ipv6_addresses[zone.key])
    return targets


def check_addresses(
    argument: str,
    addresses: Mapping[str, str],
    vpc: ec2.IVpc,
    zones: Sequence[Zone],
    ip_address_type: IpAddressType,
    *,
    version: int,
) -> None:
    """Fixed addresses belong to zones that have a mount target with addresses of this kind.

    Raises:
        ValueError: if they do not.
    """
    without = IpAddressType.IPV6_ONLY if version == 4 else IpAddressType.IPV4_ONLY  # noqa: PLR2004
    if addresses and ip_address_type is without:
        raise ValueError(
            f"{argument} was given with ip_address_type {ip_address_type}, which has no IPv{version} address; use DUAL_STACK "
            f"or leave {argument} out"
        )
    keys = [zone.key for zone in zones]
    for key, address in addresses.items():
        if key not in keys and not vpc.select_subnets(subnets=[]).is_pending_lookup:
            raise ValueError(
                f"{argument} has the zone {key!r:.60}; allowed are those of vpc_subnets: {', '.join(keys)}"
            )
        if is_known(address) and not _is_address(address, version):
            raise ValueError(
                f"{argument}[{key!r}] is {address!r:.60}; allowed is an IPv{version} address of the subnet, without a prefix"
            )


def _is_address(text: str, version: int) -> bool:
    try:
        return isinstance(text, str) and ipaddress.ip_address(text).version == version
    except ValueError:
        return False


def dns_suffix(scope: Construct) -> str:
    """What follows the file system id in its DNS names, right in every partition."""
    stack = Stack.of(scope)
    return f"efs.{stack.region}.{stack.url_suffix}"
