"""Waits until the mount targets of an Amazon EFS file system are ready.

Runs as the Lambda behind ``Custom::GeuseEfsMountTargets`` and as a plain library; needs boto3 and nothing else.
"""

from geuse_efs_waiter.errors import (
    FileSystemNotFoundError,
    InvalidRequestError,
    MountTargetFailedError,
    WaiterError,
)
from geuse_efs_waiter.models import EFSResource, MountTargetResource
from geuse_efs_waiter.waiting import get_file_system, wait_for_mount_targets

__all__ = [
    "EFSResource",
    "FileSystemNotFoundError",
    "InvalidRequestError",
    "MountTargetFailedError",
    "MountTargetResource",
    "WaiterError",
    "get_file_system",
    "wait_for_mount_targets",
]

# In Lambda, what a start does not import comes as an archive of its own: many small files pack a third better together.
__path__.append(f"{__path__[0]}/packed.zip")
