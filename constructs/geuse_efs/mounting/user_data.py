"""The bash that mounts file systems on a Linux host: user data of EC2, or the commands of an image builder.

Pure text: values may be CDK tokens, so nothing here looks into them. Why each mount option is there: docs/mounting.md.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FUNCTION_HEAD = "mount_efs() ("
"""User data that has this text already has the functions: a further mount needs no more than its own call."""

_SCRIPT = Path(__file__).with_name("mount_efs.sh")
_PACKAGE = "amazon-efs-utils"


@dataclass(frozen=True)
class EfsUtils:
    """How amazon-efs-utils, which has the mount helper, gets onto a host that lacks it.

    Args:
        commands: Bash commands. They are stopped at the first one that fails, and repeated until `/sbin/mount.efs` is there
            or the time of the mount is up. Exit status 69 means that another try cannot help.
    """

    commands: tuple[str, ...]

    @classmethod
    def from_package_manager(cls) -> EfsUtils:
        """Amazon Linux 2023 and 2, which have the package in their own repositories."""
        return cls(
            (
                "manager=$(command -v dnf || command -v yum) ||",
                '  { echo "this image has neither dnf nor yum, so give efs_utils= a package file or commands"; exit 69; }',
                f'"$manager" -y -q install {_PACKAGE}',
            )
        )

    @classmethod
    def from_deb(cls, path: str) -> EfsUtils:
        """Ubuntu and Debian: a package file on the host. What it depends on comes from the distribution."""
        return cls(
            (
                "apt-get -q update",
                # Ubuntu's own upgrades hold the lock at the first boot.
                f"DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=60 install {shlex.quote(path)}",
            )
        )

    @classmethod
    def from_rpm(cls, path: str) -> EfsUtils:
        """Distributions with dnf or yum that lack the package: a package file on the host."""
        return cls((f'"$(command -v dnf || command -v yum)" -y -q install {shlex.quote(path)}',))


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One file system at one directory of a host. TLS is always on.

    Args:
        file_system_id: `fs-…`.
        mount_point: An absolute path without white space. It is made, and made immutable while nothing is mounted on it.
        dns_name: The name that the mount helper resolves, with the AZ for a One Zone file system. Only to explain failures.
        timeout_seconds: For the whole of it, installation included. A failure is told at most 30 seconds later.
        read_only: Mount with `ro`.
        iam: Sign with the role of the instance.
        access_point_id: `fsap-…`.
        availability_zone: Of a One Zone file system; not for Regional ones, whose own mount target of each AZ is best.
        region: Of the file system, where it is not the host's.
        mount_target_ips: AZ name to IP address, where the VPC has no DNS. The host takes the address of its own AZ.
        before: systemd services that start only with the mount, at every boot. Those that run are restarted once mounted.
    """

    file_system_id: str
    mount_point: str
    dns_name: str
    timeout_seconds: int = 600
    read_only: bool = False
    iam: bool = False
    access_point_id: str | None = None
    availability_zone: str | None = None
    region: str | None = None
    mount_target_ips: Mapping[str, str] = field(default_factory=dict)
    before: Sequence[str] = ()


def render(mounts: Sequence[Mount], efs_utils: EfsUtils | None = None) -> list[str]:
    """The lines of bash that mount all of them, in this order. The first that cannot be mounted ends the script with 1."""
    return [*function_lines(efs_utils), *map(mount_line, mounts)]


def function_lines(efs_utils: EfsUtils | None = None) -> list[str]:
    """The functions that the lines of `mount_line` call; once for a host. The default installs with the package manager."""
    commands = (efs_utils or EfsUtils.from_package_manager()).commands
    return ["install_efs_utils() {", *(f"  {command}" for command in commands), "}", *_SCRIPT.read_text().splitlines()]


def mount_line(mount: Mount) -> str:
    """The line that mounts one file system, after the functions."""
    arguments = [
        mount.file_system_id,
        mount.mount_point,
        mount_options(mount),
        mount.dns_name,
        str(mount.timeout_seconds),
        " ".join(mount.before),
        *(f"{zone}={address}" for zone, address in mount.mount_target_ips.items()),
    ]
    return f"mount_efs {' '.join(map(shlex.quote, arguments))} || exit 1"


def mount_options(mount: Mount) -> str:
    """The options in /etc/fstab. `_netdev` first: without it the boot may hang, or the helper answers 0 and mounts nothing."""
    options = [
        "_netdev",
        "tls",
        "iam" if mount.iam else "",
        f"accesspoint={mount.access_point_id}" if mount.access_point_id else "",
        "ro" if mount.read_only else "",
        f"az={mount.availability_zone}" if mount.availability_zone else "",
        f"region={mount.region}" if mount.region else "",
    ]
    return ",".join(option for option in options if option)
