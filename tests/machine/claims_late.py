"""Everything comes late: the package, the name, the mount target."""

from __future__ import annotations

import pytest

from geuse_efs.mounting.user_data import Mount
from tests.machine.lab import FILE_SYSTEM, Lab, dns_name, user_data
from tests.machine.machine import Boot, Event

MOUNT = Mount(file_system_id=FILE_SYSTEM, mount_point="/mnt/efs", dns_name=dns_name())


def late(lab: Lab) -> list[Boot]:
    # The helper's first answer is that of one that found no network: 0, and nothing is mounted.
    machine = lab.machine(user_data([MOUNT]), package_failures=1, files={"helper-answers-zero": "yes"})
    # Counted from what the machine says, so that a busy host changes nothing; 4 seconds of pauses come before it.
    name = Event("Failed to resolve", 8, lab.network.start_resolving)
    target = Event("Failed to resolve", 16, lab.network.open_mount_target)
    return [machine.boot([name, target])]


pytestmark = pytest.mark.scenario(run=late)


def test_the_package_the_name_and_the_target_come_late_and_it_mounts_in_the_end(boot: Boot) -> None:
    assert (boot.one("exit"), boot.one("mounted").split()[0]) == ("0", "nfs4")


def test_it_says_what_it_waits_for(boot: Boot) -> None:
    waits = [line for line in boot.log if "next try" in line]
    assert "not installed yet: Error: Failed to download metadata" in waits[0]
    assert any("not mounted yet: Failed to resolve" in line for line in waits)


def test_a_helper_that_answers_0_without_a_mount_is_not_believed(boot: Boot) -> None:
    assert any("not mounted yet: no answer" in line for line in boot.log)


def test_nothing_is_called_a_failure(boot: Boot) -> None:
    assert boot.failures == []
