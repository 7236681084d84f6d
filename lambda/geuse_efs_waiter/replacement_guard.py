"""The replacement guard: an update must not swap a file system with data for a new, empty one unasked.

Encrypted, KmsKeyId, PerformanceMode and AvailabilityZoneName are creation-only; a change of one makes CloudFormation
create a second file system and forget the first.
"""

from __future__ import annotations

from collections.abc import Callable

from geuse_efs_waiter.cloudformation.request import Request
from geuse_efs_waiter.created_spec import CreatedSpec
from geuse_efs_waiter.errors import FileSystemNotFoundError, ReplacementRefusedError


def guard_replacement(request: Request, desired: CreatedSpec, creation_time: Callable[[str], float]) -> None:
    """Refuse an update that swaps the file system for a newer one, unless that was allowed.

    Evaluated by the physical id, not by the old properties: in a roll-back those are the properties that just failed. An
    update to an older file system is the roll-back of an allowed swap: what CloudFormation creates is always newer.

    Args:
        request: the request.
        desired: its properties.
        creation_time: of a file system, in seconds since the epoch; asked only where it matters.

    Raises:
        ReplacementRefusedError: saying what would be lost and how to go on.
        AwsCallError: if one of the two file systems cannot be described.
    """
    present = request.present_file_system_id
    if request.request_type != "Update" or present in (None, desired.file_system_id) or desired.allow_replacement:
        return
    try:
        present_created = creation_time(str(present))
    except FileSystemNotFoundError:
        return  # no data is there any more
    # Of the same second, none is older: refused, rather than data out of sight.
    if creation_time(desired.file_system_id) < present_created:
        return
    raise ReplacementRefusedError(
        f"this update would replace file system {present} by {desired.file_system_id}, which is new and empty: "
        f"everything that mounts it would lose sight of the data in {present}. A creation-only property changed "
        "(kms_key, performance_mode, one_zone or its zone). Undo that change; or copy the data first and deploy with "
        "allow_replacement=True"
    )
