"""The desired state of a file system that the stack itself created: which mount targets, with which tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.cloudformation.properties import (
    CLOUDFORMATION_KEYS,
    FILE_SYSTEM_ID,
    MOUNT_TARGET_ID,
    SECURITY_GROUP_ID,
    ZONE,
    PropertyReader,
)
from geuse_efs_waiter.errors import InvalidRequestError
from geuse_efs_waiter.limits import MAX_SECURITY_GROUPS, MAX_WAIT_SECONDS


@dataclass(frozen=True, slots=True)
class CreatedSpec:
    """What the custom resource of a created file system asks for, checked.

    Attributes:
        file_system_id: the file system.
        mount_target_ids: the mount target of each AZ, by its key.
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
    def parse(cls, values: Mapping[str, Any]) -> CreatedSpec:
        """Read the properties.

        Raises:
            InvalidRequestError: naming the first property that is missing, malformed or unknown.
        """
        given = PropertyReader(values, ignored=CLOUDFORMATION_KEYS)
        spec = cls(
            file_system_id=given.string("FileSystemId", FILE_SYSTEM_ID),
            mount_target_ids=given.mapping("MountTargets", ZONE, MOUNT_TARGET_ID),
            security_group_ids=given.strings("SecurityGroupIds", SECURITY_GROUP_ID, MAX_SECURITY_GROUPS),
            tags=given.tags(),
            wait_timeout=given.integer("WaitTimeoutSeconds", 1, MAX_WAIT_SECONDS),
            allow_replacement=given.boolean("AllowReplacement"),
        )
        given.reject_unknown()
        ids = list(spec.mount_target_ids.values())
        if not 0 < len(ids) == len(set(ids)):
            raise given.error("MountTargets", ids, "one mount target per availability zone")
        return spec


def check_zone(key: str, zone: str, subnet_id: str, region: str) -> None:
    """Refuse a key that is the name of another zone than the one its subnet is in.

    Only a zone of the region is compared. Where zones are not known at synth, a key is the subnet's construct id.
    """
    if re.fullmatch(f"{region}[a-z]", key) and zone not in ("", key):
        raise InvalidRequestError(
            f"subnet {subnet_id} is in {zone}, expected {key}; give the availability_zone it is in where it is imported"
        )
