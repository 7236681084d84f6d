"""The deletion guard of the stack that created a file system: adoptions live on its mount targets.

CloudFormation deletes the mount targets itself, after the custom resource: a stack's Delete asks here first, and so does an
update after which a zone has none any more. EFS breaks every mount at once when a mount target goes.

The request of a roll-back does not differ from that of an update, so one that takes back a zone is refused as well, if an
adoption has taken it meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from geuse_efs_waiter.adoption.adoptions import Adoption, AdoptionsReader
from geuse_efs_waiter.aws.describe import describe_mount_targets
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.errors import DeletionRefusedError, FileSystemNotFoundError
from geuse_efs_waiter.limits import OPTIONAL_READ_SECONDS
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.run_context import RunContext

_IN_A_ROLL_BACK = (
    ". In a roll-back that setting has no effect: delete or change those stacks and continue the roll-back "
    "(continue-update-rollback); to skip this resource there deletes it under them"
)


def guard_deletion(context: RunContext, file_system_id: str, going: Collection[str], staying: Collection[str]) -> None:
    """Refuse the deletion of mount targets in zones that adoptions want.

    Args:
        context: AWS and time.
        file_system_id: the file system.
        going: the mount targets that CloudFormation is about to delete.
        staying: those that it keeps; another one in the same zone will do.

    Raises:
        DeletionRefusedError: naming the zones, the stacks that want them, and the way out.
        AwsCallError: if the adoptions cannot be read.
    """
    deadline = PollingDeadline(OPTIONAL_READ_SECONDS, clock=context.clock)
    reader = AdoptionsReader(context.ec2, file_system_id)
    adoptions = call_with_retries(reader.read, deadline, f"describing the adoptions of file system {file_system_id}")
    living = [adoption for adoption in adoptions.values() if not adoption.retained]
    if not living:
        return
    try:
        targets = call_with_retries(
            lambda: describe_mount_targets(context.efs, file_system_id),
            deadline,
            f"describing the mount targets of file system {file_system_id}",
        )
    except FileSystemNotFoundError:
        return
    kept = {target.availability_zone for target in targets if target.mount_target_id in staying}
    leaving = [target for target in targets if target.mount_target_id in going and target.availability_zone not in kept]
    wanted = {
        target.mount_target_id: users for target in leaving if (users := _users(living, target.availability_zone))
    }
    if wanted:
        raise DeletionRefusedError(_reason(file_system_id, leaving, wanted) + (_IN_A_ROLL_BACK if staying else ""))


def _users(adoptions: Collection[Adoption], zone: str) -> list[Adoption]:
    return [adoption for adoption in adoptions if zone in adoption.zones]


def _reason(
    file_system_id: str, leaving: Collection[MountTargetResource], wanted: Mapping[str, Collection[Adoption]]
) -> str:
    used = "; ".join(
        f"mount target {target.mount_target_id} in {target.availability_zone} is wanted by "
        f"{', '.join(map(str, wanted[target.mount_target_id]))}"
        for target in leaving
        if target.mount_target_id in wanted
    )
    return (
        f"file system {file_system_id}: {used}; expected that no adoption lives on what is deleted: delete those stacks or "
        "change them to other zones first, or deploy this one with allow_deletion_while_adopted=True to delete it under them"
    )
