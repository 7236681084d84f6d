"""The replacement guard: an update must not swap a file system with data for a new, empty one unasked.

Encrypted, KmsKeyId, PerformanceMode and AvailabilityZoneName are creation-only; a change of one makes CloudFormation
define a second file system and forget the first.
"""

from __future__ import annotations

from collections.abc import Callable

from geuse_efs_waiter.cloudformation.request import PHYSICAL_ID_PREFIX, Request
from geuse_efs_waiter.created_spec import CreatedSpec
from geuse_efs_waiter.errors import ReplacementRefusedError
from geuse_efs_waiter.limits import MAX_AGE_OF_NEW_FILE_SYSTEM_SECONDS


def guard_replacement(request: Request, desired: CreatedSpec, age: Callable[[], float]) -> None:
    """Refuse an update that swaps the file system, unless that was allowed.

    Judged by the physical id, not by the old properties: in a roll-back those are the properties that just failed. A
    roll-back after an allowed swap comes as an update back to the older file system, where ``AllowReplacement`` is
    already gone again; it is told from a new swap by the old properties and by the age of the desired file system.

    Args:
        request: the request.
        desired: its properties.
        age: the seconds since the desired file system was created; asked only where it matters.

    Raises:
        ReplacementRefusedError: saying what would be lost and how to go on.
    """
    present = (request.physical_resource_id or "").removeprefix(PHYSICAL_ID_PREFIX)
    if request.request_type != "Update" or present == desired.file_system_id or desired.allow_replacement:
        return
    allowed_before = str(request.old_properties.get("AllowReplacement")).lower() == "true"
    if allowed_before and age() >= MAX_AGE_OF_NEW_FILE_SYSTEM_SECONDS:
        return
    raise ReplacementRefusedError(
        f"this update would replace file system {present} by {desired.file_system_id}, which is new and empty: "
        f"everything that mounts it would lose sight of the data in {present}. A creation-only property changed "
        "(kms_key, performance_mode, one_zone or its zone). Undo that change; or copy the data first and deploy with "
        "allow_replacement=True"
    )
