"""The desired state of a file system that the stack itself created: which mount targets, with which tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geuse_efs_waiter.cloudformation.properties import (
    ALLOW_DELETION_KEY,
    CLOUDFORMATION_KEYS,
    FILE_SYSTEM_ID,
    MOUNT_TARGET_ID,
    SECURITY_GROUP_ID,
    ZONE,
    PropertyReader,
    is_true,
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
        allow_deletion: whether mount targets may be deleted in zones that adoptions want.
    """

    file_system_id: str
    mount_target_ids: Mapping[str, str]
    security_group_ids: tuple[str, ...]
    tags: Mapping[str, str]
    wait_timeout: int
    allow_replacement: bool
    allow_deletion: bool = False

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
            allow_deletion=given.boolean(ALLOW_DELETION_KEY, default=False),
        )
        given.reject_unknown()
        ids = list(spec.mount_target_ids.values())
        if not 0 < len(ids) == len(set(ids)):
            raise given.error("MountTargets", ids, "one mount target per availability zone")
        return spec


@dataclass(frozen=True, slots=True)
class DeletedSpec:
    """What a Delete needs of the properties: read leniently, because a delete must work whatever else is malformed.

    Attributes:
        file_system_id: the file system; None if the properties name none.
        mount_target_ids: the mount targets that CloudFormation deletes next.
        allow_deletion: whether they may be deleted in zones that adoptions want.
    """

    file_system_id: str | None
    mount_target_ids: frozenset[str]
    allow_deletion: bool

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> DeletedSpec:
        """Read what can be read."""
        name, targets = values.get("FileSystemId"), values.get("MountTargets")
        return cls(
            name if isinstance(name, str) and re.fullmatch(FILE_SYSTEM_ID, name) else None,
            frozenset(target for target in targets.values() if isinstance(target, str))
            if isinstance(targets, Mapping)
            else frozenset(),
            is_true(values.get(ALLOW_DELETION_KEY)),
        )


def check_zone(key: str, zone: str, subnet_id: str, region: str) -> None:
    """Refuse a key that is the name of another zone than the one its subnet is in.

    Only a zone of the region is compared. Where zones are not known at synth, a key is the subnet's construct id.
    """
    if re.fullmatch(f"{region}[a-z]", key) and zone not in ("", key):
        raise InvalidRequestError(
            f"subnet {subnet_id} is in {zone}, expected {key}; give the availability_zone it is in where it is imported"
        )
