"""What the waiter reads of a file system: one function per call."""

from __future__ import annotations

from collections.abc import Iterable
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


def describe_groups_of(ec2: EC2Client, targets: Iterable[MountTargetResource]) -> dict[str, frozenset[str]]:
    """The security groups of each mount target, by its id, in one call. One whose interface is not listed is left out.

    Raises:
        IncompleteResponseError, botocore.exceptions.ClientError: as in `pages`.
    """
    names = {target.network_interface_id: target.mount_target_id for target in targets if target.network_interface_id}
    if not names:
        return {}
    listed = pages(
        ec2.describe_network_interfaces,
        "NetworkInterfaces",
        Filters=[{"Name": "network-interface-id", "Values": sorted(names)}],
    )
    return {
        names[one["NetworkInterfaceId"]]: frozenset(group["GroupId"] for group in one.get("Groups", []))
        for one in listed
    }


def pages(call: Any, listed: str, **request: Any) -> list[dict[str, Any]]:
    """What a Describe call of EC2 lists, over all pages.

    Args:
        call: a method of a client.
        listed: the key of the list.
        request: the parameters.

    Raises:
        IncompleteResponseError: if a page lacks its list; never read as "none".
        botocore.exceptions.ClientError: the common errors.
    """
    found: list[dict[str, Any]] = []
    while True:
        page = call(**request)
        if listed not in page:
            raise IncompleteResponseError(f"{call.__name__} answered without {listed}")
        found += page[listed]
        if not page.get("NextToken"):
            return found
        request["NextToken"] = page["NextToken"]
