"""The attributes of the custom resource, that other resources read with ``Fn::GetAtt``."""

from __future__ import annotations

from collections.abc import Mapping

from geuse_efs_waiter.models import MountTargetResource

LONGEST_WARNING = 600


def attributes(file_system_id: str, by_zone: Mapping[str, MountTargetResource | None], warnings: str) -> dict[str, str]:
    """Flat names, because ``Fn::GetAtt`` knows no others: ``<zone>.<attribute>``.

    Every attribute is always there, empty where it does not apply: asking for a missing one fails a stack.
    """
    data = {"FileSystemId": file_system_id, "Warnings": warnings[:LONGEST_WARNING]}
    for zone, target in sorted(by_zone.items(), key=lambda item: item[0]):
        data[f"{zone}.MountTargetId"] = target.mount_target_id if target else ""
        data[f"{zone}.SubnetId"] = target.subnet_id if target else ""
        data[f"{zone}.AvailabilityZoneId"] = target.availability_zone_id if target else ""
        data[f"{zone}.NetworkInterfaceId"] = (target and target.network_interface_id) or ""
        data[f"{zone}.IpAddress"] = (target and target.ip_address) or ""
        data[f"{zone}.Ipv6Address"] = (target and target.ipv6_address) or ""
    return data
