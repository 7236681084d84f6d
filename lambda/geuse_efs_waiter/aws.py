"""The AWS clients, and the reads that the waiter does with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from botocore import session
from botocore.config import Config

from geuse_efs_waiter.faults import IncompleteAnswerError
from geuse_efs_waiter.models import EFSResource, MountTargetResource

if TYPE_CHECKING:
    import mypy_boto3_ec2
    import mypy_boto3_efs

# Names of types that are not installed in Lambda.
EC2Client: TypeAlias = "mypy_boto3_ec2.EC2Client"
EFSClient: TypeAlias = "mypy_boto3_efs.EFSClient"

# One attempt a call: repeating is the business of `Patience` alone, which knows the deadline. Stated, because the
# default differs between versions of botocore.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=15,
    user_agent_extra="geuse-efs",
)


def client(service: str) -> Any:
    """A client for the region and account of the surroundings.

    Made by botocore, the part of boto3 that makes its clients too: the rest of boto3 costs a sixth of the function's start.
    """
    return session.get_session().create_client(service, config=CONFIG)


def efs_client() -> EFSClient:
    """An EFS client for the region and account of the surroundings."""
    made: EFSClient = client("efs")
    return made


def ec2_client() -> EC2Client:
    """An EC2 client. It costs about 100 ms and 22 MiB, so make one only where it is needed."""
    made: EC2Client = client("ec2")
    return made


def describe_mount_targets(efs: EFSClient, file_system_id: str) -> tuple[MountTargetResource, ...]:
    """All mount targets of a file system: one call, one more for each further page.

    Raises:
        IncompleteAnswerError: if a page lacks its list, or an entry lacks a field; never read as "none".
        botocore.exceptions.ClientError: FileSystemNotFound and the common errors.
    """
    found: list[MountTargetResource] = []
    request: dict[str, Any] = {"FileSystemId": file_system_id, "MaxItems": 100}
    while True:
        page = efs.describe_mount_targets(**request)
        try:
            found += (MountTargetResource.from_description(entry) for entry in page["MountTargets"])
        except KeyError as missing:
            raise IncompleteAnswerError(f"DescribeMountTargets answered without {missing}") from missing
        if not page.get("NextMarker"):
            return tuple(sorted(found, key=lambda target: (target.availability_zone, target.mount_target_id)))
        request["Marker"] = page["NextMarker"]


def describe_file_system(efs: EFSClient, file_system_id: str) -> EFSResource:
    """The file system without its mount targets.

    Raises:
        IncompleteAnswerError: if the answer lacks the file system or one of its fields.
        botocore.exceptions.ClientError: FileSystemNotFound and the common errors.
    """
    answer = efs.describe_file_systems(FileSystemId=file_system_id)
    try:
        return EFSResource.from_description(answer["FileSystems"][0])
    except (KeyError, IndexError) as missing:
        raise IncompleteAnswerError(f"DescribeFileSystems answered without {missing}") from missing


def describe_security_groups_of(ec2: EC2Client, network_interface_ids: list[str]) -> dict[str, tuple[str, ...]]:
    """The security groups of each network interface, in one call. An unknown id is left out.

    Raises:
        botocore.exceptions.ClientError: the common errors.
    """
    answer = ec2.describe_network_interfaces(
        Filters=[{"Name": "network-interface-id", "Values": network_interface_ids}]
    )
    if "NetworkInterfaces" not in answer:
        raise IncompleteAnswerError("DescribeNetworkInterfaces answered without NetworkInterfaces")
    return {
        interface["NetworkInterfaceId"]: tuple(group["GroupId"] for group in interface.get("Groups", []))
        for interface in answer["NetworkInterfaces"]
    }
