"""The file system and its mount targets as EFS describes them.

Field names follow GeuseMaker's models. Source: the EFS API's FileSystemDescription and MountTargetDescription.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

CREATED_BY_TAG = "geusemaker:created-by"
CREATED_BY_VALUE = "geuse-efs"


@dataclass(frozen=True, slots=True)
class MountTargetResource:
    """One mount target: the file system's network endpoint in one availability zone (AZ).

    ``ip_address`` is None on an IPv6-only mount target, ``ipv6_address`` on an IPv4-only one. ``security_groups``
    is empty where nobody looked at the network interface.
    """

    mount_target_id: str
    file_system_id: str
    subnet_id: str
    availability_zone: str
    ip_address: str | None
    lifecycle_state: str
    security_groups: tuple[str, ...] = ()
    availability_zone_id: str = ""
    ipv6_address: str | None = None
    network_interface_id: str | None = None
    vpc_id: str | None = None

    @classmethod
    def from_description(cls, described: Mapping[str, Any]) -> MountTargetResource:
        """Read one entry of ``DescribeMountTargets``; only the fields that EFS always sends are required.

        Raises:
            KeyError: if a required field is missing, as in a truncated answer.
        """
        return cls(
            mount_target_id=described["MountTargetId"],
            file_system_id=described["FileSystemId"],
            subnet_id=described["SubnetId"],
            availability_zone=described.get("AvailabilityZoneName", ""),
            ip_address=described.get("IpAddress"),
            lifecycle_state=described["LifeCycleState"],
            availability_zone_id=described.get("AvailabilityZoneId", ""),
            ipv6_address=described.get("Ipv6Address"),
            network_interface_id=described.get("NetworkInterfaceId"),
            vpc_id=described.get("VpcId"),
        )

    def with_security_groups(self, groups: Iterable[str]) -> MountTargetResource:
        """The same mount target, with the security groups that its network interface carries."""
        return replace(self, security_groups=tuple(sorted(groups)))


@dataclass(frozen=True, slots=True)
class EFSResource:
    """One file system with its mount targets, sorted by AZ.

    ``security_group_id`` is the one group that all mount targets share, None if they share none or several.
    ``size_in_bytes`` is EFS's own metered size, which lags behind by up to an hour. The destination of a replication is
    read-only for its clients.
    """

    file_system_id: str
    name: str
    lifecycle_state: str
    encrypted: bool
    kms_key_id: str | None
    throughput_mode: str
    performance_mode: str
    mount_targets: tuple[MountTargetResource, ...] = ()
    security_group_id: str | None = None
    created_by_geusemaker: bool = False
    availability_zone: str | None = None
    size_in_bytes: int = 0
    creation_time: float = 0.0
    tags: Mapping[str, str] = field(default_factory=dict)
    replication_destination: bool = False

    @classmethod
    def from_description(cls, described: Mapping[str, Any]) -> EFSResource:
        """Read one entry of ``DescribeFileSystems``; it says nothing of the mount targets.

        Raises:
            KeyError: if a required field is missing, as in a truncated answer.
        """
        tags = {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}
        created = described.get("CreationTime")
        protection = described.get("FileSystemProtection", {})
        return cls(
            file_system_id=described["FileSystemId"],
            name=described.get("Name", ""),
            lifecycle_state=described["LifeCycleState"],
            encrypted=bool(described.get("Encrypted", False)),
            kms_key_id=described.get("KmsKeyId") or None,
            throughput_mode=described.get("ThroughputMode", "bursting"),
            performance_mode=described.get("PerformanceMode", "generalPurpose"),
            created_by_geusemaker=tags.get(CREATED_BY_TAG) == CREATED_BY_VALUE,
            availability_zone=described.get("AvailabilityZoneName") or None,
            size_in_bytes=int(described.get("SizeInBytes", {}).get("Value", 0)),
            creation_time=created.timestamp() if created else 0.0,
            tags=tags,
            replication_destination=protection.get("ReplicationOverwriteProtection") == "REPLICATING",
        )

    def with_mount_targets(self, mount_targets: Iterable[MountTargetResource]) -> EFSResource:
        """The same file system, joined with its mount targets."""
        targets = tuple(sorted(mount_targets, key=lambda target: (target.availability_zone, target.mount_target_id)))
        return replace(self, mount_targets=targets, security_group_id=_only_common_group(targets))


def _only_common_group(targets: tuple[MountTargetResource, ...]) -> str | None:
    if not targets:
        return None
    common = set(targets[0].security_groups).intersection(*(target.security_groups for target in targets))
    return common.pop() if len(common) == 1 else None
