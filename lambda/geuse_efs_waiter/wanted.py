"""What a deployment wants of a file system: the properties of the custom resource, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter import properties as form
from geuse_efs_waiter.errors import InvalidRequestError

LONGEST_WAIT = 2400
ADOPT_KEY = "Adopt"
"""The property that tells an adoption from a file system of the stack's own."""

CLOUDFORMATIONS_OWN = frozenset({"ServiceToken", "ServiceTimeout"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """The wish, checked.

    Attributes:
        file_system_id: the file system.
        mount_target_ids: the mount target of each AZ, as the construct names it.
        security_group_ids: the groups that CloudFormation gives the mount targets; a change makes it call us.
        tags: what the mount targets' network interfaces are to carry.
        wait_timeout: seconds to wait for the mount targets, 1 to 2400.
        allow_replacement: whether an update may swap the file system for another.
    """

    file_system_id: str
    mount_target_ids: Mapping[str, str]
    security_group_ids: tuple[str, ...]
    tags: Mapping[str, str]
    wait_timeout: int
    allow_replacement: bool

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Wanted:
        """Read the properties.

        Raises:
            InvalidRequestError: naming the first property that is missing, malformed or unknown.
        """
        given = form.Properties(values, ignored=CLOUDFORMATIONS_OWN)
        wanted = cls(
            file_system_id=given.text("FileSystemId", form.FILE_SYSTEM_ID),
            mount_target_ids=given.pairs("MountTargets", form.ZONE, form.MOUNT_TARGET_ID),
            security_group_ids=given.texts("SecurityGroupIds", form.SECURITY_GROUP_ID),
            tags=given.pairs("Tags", form.TAG_KEY, form.TAG_VALUE),
            wait_timeout=given.whole("WaitTimeoutSeconds", 1, LONGEST_WAIT),
            allow_replacement=given.flag("AllowReplacement"),
        )
        given.finish()
        if not wanted.mount_target_ids:
            raise InvalidRequestError("property MountTargets is empty, expected one entry an availability zone")
        return wanted
