"""The place where an adopter works: one file system, its mount targets, and the calls that change them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from geuse_efs_waiter.adoption.ownership.book import Book
from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.describe import describe_mount_targets, describe_security_groups_of
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import IncompleteResponseError, call_with_retries, code_of
from geuse_efs_waiter.models import MountTargetResource


@dataclass(frozen=True, slots=True)
class Site:
    """One adopter at one file system.

    Attributes:
        efs, ec2: AWS; the EC2 client is made when it is needed.
        file_system_id: the file system.
        book: the ledgers.
        patience: the time for the whole task.
        now: wall-clock seconds since the epoch, for other adopters to read.
        security_group_ids: what mount targets of our making carry.
        own_group: whether the first of these belongs to this adopter alone.
        ip_address_type: the addresses of mount targets of our making.
    """

    efs: EFSClient
    ec2: Callable[[], EC2Client]
    file_system_id: str
    book: Book
    deadline: PollingDeadline
    now: Callable[[], float]
    security_group_ids: Sequence[str] = ()
    own_group: bool = False
    ip_address_type: str = "IPV4_ONLY"

    @property
    def group(self) -> str:
        """The security group by which a ledger knows this adopter."""
        return self.security_group_ids[0] if self.security_group_ids else ""

    def look(self) -> tuple[MountTargetResource, ...]:
        """The mount targets as they are now."""
        return call_with_retries(
            lambda: describe_mount_targets(self.efs, self.file_system_id),
            self.deadline,
            f"describing the mount targets of file system {self.file_system_id}",
        )

    def groups_of(self, targets: Iterable[MountTargetResource]) -> Mapping[str, frozenset[str]]:
        """The security groups of each mount target, by its id; one whose interface is not found is left out."""
        interfaces = {one.network_interface_id: one.mount_target_id for one in targets if one.network_interface_id}
        if not interfaces:
            return {}
        found = call_with_retries(
            lambda: describe_security_groups_of(self.ec2(), list(interfaces)),
            self.deadline,
            f"describing the network interfaces {', '.join(interfaces)}",
        )
        return {interfaces[interface]: frozenset(groups) for interface, groups in found.items()}

    def create(self, subnet_id: str) -> MountTargetResource:
        """Create a mount target, one attempt: repeating blindly may hit what the first attempt has made.

        Raises:
            faults.Fault: whatever AWS says.
            SupersededError, LedgerLostError: if another run is at work.
        """
        request: dict[str, Any] = {
            "FileSystemId": self.file_system_id,
            "SubnetId": subnet_id,
            "SecurityGroups": list(self.security_group_ids),
        }
        if self.ip_address_type != "IPV4_ONLY":
            request["IpAddressType"] = self.ip_address_type
        self.book.check()
        created = self.efs.create_mount_target(**request)
        try:
            return MountTargetResource.from_description(created)
        except KeyError as missing:
            raise IncompleteResponseError(f"CreateMountTarget answered without {missing}") from missing

    def delete(self, mount_target_id: str) -> None:
        """Ask for the deletion of a mount target; one that is gone already is fine."""
        self._unless_gone(
            lambda: self.efs.delete_mount_target(MountTargetId=mount_target_id),
            f"deleting mount target {mount_target_id}",
        )

    def set_groups(self, mount_target_id: str, groups: Iterable[str]) -> None:
        """Set the security groups of a mount target; one that is gone already is fine."""
        wanted = sorted(groups)
        self._unless_gone(
            lambda: self.efs.modify_mount_target_security_groups(MountTargetId=mount_target_id, SecurityGroups=wanted),
            f"setting the security groups of mount target {mount_target_id}",
        )

    def _unless_gone(self, action: Callable[[], object], operation: str) -> None:
        def attempt() -> None:
            self.book.check()
            try:
                action()
            except ClientError as error:
                if code_of(error) != "MountTargetNotFound":
                    raise

        call_with_retries(attempt, self.deadline, operation)
