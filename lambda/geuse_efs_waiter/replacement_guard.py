"""The replacement guard: an update must not swap a file system with data for a new, empty one unasked.

Encrypted, KmsKeyId, PerformanceMode and AvailabilityZoneName are creation-only; a change of one makes CloudFormation
define a second file system and forget the first.
"""

from __future__ import annotations

from collections.abc import Callable

from geuse_efs_waiter.cloudformation.properties import Wanted
from geuse_efs_waiter.cloudformation.request import PHYSICAL_ID_PREFIX, Request
from geuse_efs_waiter.errors import ReplacementRefusedError

NEWBORN_SECONDS = 3600
"""A file system younger than this may be the product of the very update that is judged."""


def guard_replacement(request: Request, wanted: Wanted, age: Callable[[], float]) -> None:
    """Refuse an update that swaps the file system, unless that was allowed.

    Judged by the physical id, not by the old properties: in a roll-back those are the properties that just failed. A
    roll-back after an allowed swap comes as an update back to the older file system, where ``AllowReplacement`` is
    already gone again; it is told from a new swap by the properties before and by the age of the wanted file system.

    Args:
        request: the request.
        wanted: its properties.
        age: tells the seconds since the wanted file system was created; asked only where it matters.

    Raises:
        ReplacementRefusedError: saying what would be lost and how to go on.
    """
    present = (request.physical_resource_id or "").removeprefix(PHYSICAL_ID_PREFIX)
    if request.request_type != "Update" or present == wanted.file_system_id or wanted.allow_replacement:
        return
    allowed_before = str(request.old_properties.get("AllowReplacement")).lower() == "true"
    if allowed_before and age() >= NEWBORN_SECONDS:
        return
    raise ReplacementRefusedError(
        f"this update would replace file system {present} by {wanted.file_system_id}, which is new and empty: "
        f"everything that mounts it would lose sight of the data in {present}. A creation-only property changed "
        "(kms_key, performance_mode, one_zone or its zone). Undo that change; or copy the data first and deploy with "
        "allow_replacement=True"
    )
