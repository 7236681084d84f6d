"""One observation of AWS: all that the checks evaluate, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.aws.retries import is_access_code
from geuse_efs_waiter.models import EFSResource, MountTargetResource


@dataclass(frozen=True, slots=True)
class ObservedSubnet:
    """One subnet. An IPv6-only one has no IPv4 addresses to count, hence ``ipv6_native``."""

    subnet_id: str
    availability_zone: str
    availability_zone_id: str
    vpc_id: str
    maps_public_ip: bool = False
    free_addresses: int = 0
    ipv6_native: bool = False


@dataclass(frozen=True, slots=True)
class IngressRule:
    """One entry of a group's ingress: a protocol (``-1`` is any), a range of ports, and sources."""

    protocol: str
    from_port: int | None = None
    to_port: int | None = None
    cidrs: tuple[str, ...] = ()
    cidrs_v6: tuple[str, ...] = ()
    prefix_list_ids: tuple[str, ...] = ()
    group_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedSecurityGroup:
    """One security group. Egress is not read: groups are stateful, so a mount target needs none."""

    group_id: str
    ingress: tuple[IngressRule, ...] = ()


@dataclass(frozen=True, slots=True)
class ObservedVpc:
    """The DNS attributes of one VPC."""

    vpc_id: str
    dns_support: bool
    dns_hostnames: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that AWS did not let us read.

    Attributes:
        resource: whose it is; ids with a comma in between if one call was for several.
        what: what was to be read, as a noun: ``backup policy``.
        why: AWS's error code.
    """

    resource: str
    what: str
    why: str

    @property
    def action(self) -> str:
        """The IAM action whose permission is missing; empty if the reason is another one."""
        return _ACTIONS.get(self.what, "") if is_access_code(self.why) else ""


_ACTIONS = {
    "network interfaces": "ec2:DescribeNetworkInterfaces",
    "security groups": "ec2:DescribeSecurityGroups",
    "security groups of adoptions": "ec2:DescribeSecurityGroups",
    "DNS attributes of the VPC": "ec2:DescribeVpcAttribute",
    "entries of the prefix list": "ec2:GetManagedPrefixListEntries",
    "backup policy": "elasticfilesystem:DescribeBackupPolicy",
    "file-system policy": "elasticfilesystem:DescribeFileSystemPolicy",
    "access point": "elasticfilesystem:DescribeAccessPoints",
}


@dataclass(frozen=True, slots=True)
class Observed:
    """One observation. What is absent from a mapping does not exist, unless it is listed in ``unread``.

    Attributes:
        region, account: those of the clients; account None is not known.
        file_system: with its mount targets and their security groups; None is not there.
        subnets: the wanted ones and those of the mount targets, by id.
        security_groups: those of the mount targets, by id.
        vpc: the desired VPC, else that of the mount targets or subnets; None does not exist, is not known, or is unread.
        prefix_lists: the CIDRs of each list, those of the clients and those in rules; None could not be read.
        backup: the status of the backup policy; None could not be read.
        policy: the file-system policy; None is none, or listed in ``unread``.
        access_points: the file system of each access point, by id.
        adoptions: of the file system, by their own groups.
        unread: what could not be read.
    """

    region: str
    file_system: EFSResource | None
    account: str | None = None
    subnets: Mapping[str, ObservedSubnet] = field(default_factory=dict)
    security_groups: Mapping[str, ObservedSecurityGroup] = field(default_factory=dict)
    vpc: ObservedVpc | None = None
    prefix_lists: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    backup: str | None = None
    policy: Mapping[str, Any] | None = None
    access_points: Mapping[str, str] = field(default_factory=dict)
    adoptions: Mapping[str, Adoption] = field(default_factory=dict)
    unread: tuple[Unread, ...] = ()

    @property
    def mount_targets(self) -> tuple[MountTargetResource, ...]:
        """The file system's mount targets; none if there is no file system."""
        return self.file_system.mount_targets if self.file_system else ()

    def is_unreadable(self, resource: str) -> bool:
        """Whether something of that resource could not be read."""
        return any(resource in unread.resource.split(", ") for unread in self.unread)

    def vpc_of(self, target: MountTargetResource) -> str | None:
        """The VPC of a mount target: as EFS says, else that of its subnet."""
        subnet = self.subnets.get(target.subnet_id)
        return target.vpc_id or (subnet.vpc_id if subnet else None)
