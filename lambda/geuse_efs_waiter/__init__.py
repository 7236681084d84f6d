"""Waits until the mount targets of an Amazon EFS file system are ready.

Runs as the Lambda behind ``Custom::GeuseEfsMountTargets`` and as a plain library; needs boto3 and nothing else.
"""

from geuse_efs_waiter.errors import (
    AwsCallError,
    FileSystemNotFoundError,
    MountTargetFailedError,
    RegionMissingError,
    WaiterError,
)
from geuse_efs_waiter.models import EFSResource, MountTargetResource
from geuse_efs_waiter.readiness import Readiness
from geuse_efs_waiter.waiting import get_file_system, wait_for_mount_targets, wait_for_readiness

__all__ = [
    "AwsCallError",
    "EFSResource",
    "FileSystemNotFoundError",
    "MountTargetFailedError",
    "MountTargetResource",
    "Readiness",
    "RegionMissingError",
    "WaiterError",
    "get_file_system",
    "wait_for_mount_targets",
    "wait_for_readiness",
]
