"""What the waiter reads of a file system: one function per call."""

from __future__ import annotations

from typing import Any

from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.retries import IncompleteResponseError
from geuse_efs_waiter.models import EFSResource, MountTargetResource


def describe_mount_targets(efs: EFSClient, file_system_id: str) -> tuple[MountTargetResource, ...]:
    """All mount targets of a file system: one call, one more for each further page.

    Raises:
        IncompleteResponseError: if a page lacks its list, or an entry lacks a field; never read as "none".
        botocore.exceptions.ClientError: FileSystemNotFound and the common errors.
    """
    found: list[MountTargetResource] = []
    request: dict[str, Any] = {"FileSystemId": file_system_id, "MaxItems": 100}
    while True:
        page = efs.describe_mount_targets(**request)
        try:
            found += (MountTargetResource.from_description(entry) for entry in page["MountTargets"])
        except KeyError as missing:
            raise IncompleteResponseError(f"DescribeMountTargets answered without {missing}") from missing
        if not page.get("NextMarker"):
            return tuple(sorted(found, key=lambda target: (target.availability_zone, target.mount_target_id)))
        request["Marker"] = page["NextMarker"]


def describe_file_system(efs: EFSClient, file_system_id: str) -> EFSResource:
    """The file system without its mount targets.

    Raises:
        IncompleteResponseError: if the answer lacks the file system or one of its fields.
        botocore.exceptions.ClientError: FileSystemNotFound and the common errors.
    """
    answer = efs.describe_file_systems(FileSystemId=file_system_id)
    try:
        return EFSResource.from_description(answer["FileSystems"][0])
    except (KeyError, IndexError) as missing:
        raise IncompleteResponseError(f"DescribeFileSystems answered without {missing}") from missing


def describe_security_groups_of(ec2: EC2Client, network_interface_ids: list[str]) -> dict[str, tuple[str, ...]]:
    """The security groups of each network interface, in one call. An unknown id is left out.

    Raises:
        botocore.exceptions.ClientError: the common errors.
    """
    answer = ec2.describe_network_interfaces(
        Filters=[{"Name": "network-interface-id", "Values": network_interface_ids}]
    )
    if "NetworkInterfaces" not in answer:
        raise IncompleteResponseError("DescribeNetworkInterfaces answered without NetworkInterfaces")
    return {
        interface["NetworkInterfaceId"]: tuple(group["GroupId"] for group in interface.get("Groups", []))
        for interface in answer["NetworkInterfaces"]
    }
