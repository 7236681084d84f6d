"""An encrypted Amazon EFS file system that is ready when CloudFormation says so.

from geuse_efs import GeuseEfs

efs = GeuseEfs(self, "Efs", vpc=vpc, clients=[instances])
"""

from geuse_efs.base import GeuseEfsBase
from geuse_efs.file_system import GeuseEfs
from geuse_efs.mount_targets import IpAddressType, MountTarget
from geuse_efs.mount_targets_ready import MountTargetsReady
from geuse_efs.waiter_function import WaiterFunction

__all__ = ["GeuseEfs", "GeuseEfsBase", "IpAddressType", "MountTarget", "MountTargetsReady", "WaiterFunction"]
