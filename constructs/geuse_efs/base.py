"""`GeuseEfsBase`: what a file system of this library is, however it came to be."""

from __future__ import annotations

from geuse_efs.monitoring import Metrics
from geuse_efs.mounting.mounts import Mounts
from geuse_efs.waiting_file_system import WaitingFileSystem


class GeuseEfsBase(WaitingFileSystem, Mounts, Metrics):
    """A file system that others wait for, mount and watch.

    `GeuseEfs` creates one, `GeuseEfs.adopt` adopts one, `MountTargetsReady` puts it over one of the CDK.
    """
