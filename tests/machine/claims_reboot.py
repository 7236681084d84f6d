"""A reboot that cannot mount: the boot goes on, and nothing lands on the root disk."""

from __future__ import annotations

import pytest

from geuse_efs.mounting.user_data import Mount
from tests.machine.lab import FILE_SYSTEM, Lab, dns_name, user_data
from tests.machine.machine import Boot

MOUNT = Mount(file_system_id=FILE_SYSTEM, mount_point="/mnt/efs", dns_name=dns_name(), before=("app.service",))


def silent_at_the_reboot(lab: Lab) -> list[Boot]:
    lab.network.start_resolving()
    lab.network.open_mount_target()
    machine = lab.machine(user_data([MOUNT]))
    first = machine.boot()
    lab.network.silence_mount_target()
    return [first, machine.boot()]


pytestmark = pytest.mark.scenario(run=silent_at_the_reboot)


def test_the_boot_goes_on_with_a_failed_mount(boots: list[Boot]) -> None:
    assert boots[0].one("mounted")
    assert boots[1].all("mounted") == []
    assert boots[1].one("failed-unit").split()[0] == "mnt-efs.mount"


def test_nothing_is_written_to_the_root_disk(boots: list[Boot]) -> None:
    assert boots[1].one("not-mounted-with") == "0 entries"


def test_a_service_named_in_before_does_not_start_without_the_file_system(boots: list[Boot]) -> None:
    assert boots[1].all("app-saw") == []
