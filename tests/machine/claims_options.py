"""Several mounts on one host, each with another option; the helper comes from a package file."""

from __future__ import annotations

import pytest

from geuse_efs.mounting.user_data import EfsUtils, Mount
from tests.machine.lab import ACCESS_POINT, FILE_SYSTEM, ONE_ZONE, ONE_ZONE_NAME, SQUASHED, Lab, dns_name, user_data
from tests.machine.machine import Boot

MOUNTS = {
    "zone": Mount(
        file_system_id=ONE_ZONE,
        mount_point="/mnt/zone",
        dns_name=ONE_ZONE_NAME,
        availability_zone="eu-west-1a",
        region="eu-west-1",
        timeout_seconds=20,
    ),
    "nested": Mount(
        file_system_id=FILE_SYSTEM, mount_point="/mnt/zone/nested", dns_name=dns_name(), read_only=True, iam=True
    ),
    "squashed": Mount(file_system_id=SQUASHED, mount_point="/mnt/squashed", dns_name=dns_name(SQUASHED)),
    "n8n": Mount(file_system_id=FILE_SYSTEM, mount_point="/mnt/n8n", dns_name=dns_name(), access_point_id=ACCESS_POINT),
}
# Root writes a file below each directory; says who owns it, or why that failed.
WRITE = "\n".join(
    f"""if ! mountpoint -q {mount.mount_point}; then echo "@ {name} not mounted"
elif said=$(touch {mount.mount_point}/file 2>&1); then echo "@ {name} $(stat -c %u:%g {mount.mount_point}/file)"
else echo "@ {name} ${{said##*: }}"; fi"""
    for name, mount in MOUNTS.items()
)


def several_mounts(lab: Lab) -> list[Boot]:
    lab.network.start_resolving()
    lab.network.open_mount_target()
    data = user_data(list(MOUNTS.values()), EfsUtils.from_deb("/opt/amazon-efs-utils.deb"))
    return [lab.machine(data, package_manager="apt-get", then=WRITE).boot()]


pytestmark = pytest.mark.scenario(run=several_mounts)


def test_every_mount_of_the_host_has_its_line(boot: Boot) -> None:
    assert [line.split()[1] for line in boot.all("fstab")] == [mount.mount_point for mount in MOUNTS.values()]


def test_root_writes_to_a_one_zone_file_system_of_another_region(boot: Boot) -> None:
    assert boot.one("zone") == "0:0"


def test_read_only_is_read_only(boot: Boot) -> None:
    assert boot.one("nested") == "Read-only file system"


def test_what_is_written_through_an_access_point_belongs_to_its_user(boot: Boot) -> None:
    assert boot.one("n8n") == "1000:1000"


def test_a_squashed_root_cannot_write_to_the_root_directory_which_belongs_to_root(boot: Boot) -> None:
    assert boot.one("squashed") == "Permission denied"
