"""What never comes: one clear line, a failure, within the time given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geuse_efs.mounting.user_data import Mount
from tests.machine.lab import FILE_SYSTEM, Lab, dns_name, user_data
from tests.machine.machine import Boot
from tests.machine.network import MOUNT_TARGET

SECONDS = 8
AT_MOST = SECONDS + 30
MOUNT = Mount(file_system_id=FILE_SYSTEM, mount_point="/mnt/efs", dns_name=dns_name(), timeout_seconds=SECONDS)
BY_ADDRESS = Mount(
    file_system_id=FILE_SYSTEM,
    mount_point="/mnt/by-address",
    dns_name=dns_name(),
    mount_target_ips={"us-east-1a": MOUNT_TARGET, "us-east-1b": "10.0.0.20"},
)
OTHER_LINE = "fs-0fedcba9876543210:/ /mnt/efs efs noauto 0 0"


def refused(lab: Lab) -> list[Boot]:
    """One machine, user data five times: an image without the package, a repository that is out of reach, a directory that has
    another line in /etc/fstab, a name that does not resolve, and the address instead of the name.
    """
    lab.network.open_mount_target()
    files = {
        "out-of-reach": user_data([MOUNT], first="cp /lab/package-manager /usr/bin/dnf"),
        "other-line": user_data([MOUNT], first="echo 0 > /lab/package-failures"),
        "no-name": user_data([replace(MOUNT, mount_point="/mnt/by-name")]),
        "by-address": user_data([BY_ADDRESS]),
    }
    machine = lab.machine(
        user_data([MOUNT]),
        fstab=f"{OTHER_LINE}\n",
        package_manager="apt-get",
        package_failures=99,
        then="\n".join(f"/lab/run-user-data /lab/{name}" for name in files),
        files=files,
    )
    return [machine.boot()]


def target_never(lab: Lab) -> list[Boot]:
    lab.network.start_resolving()
    return [lab.machine(user_data([MOUNT])).boot()]


TARGET_NEVER, REFUSED = (pytest.mark.scenario(run=scenario) for scenario in (target_never, refused))
AT_ONCE = {
    "image-without-package": pytest.param(0, "neither dnf nor yum, so give efs_utils=", marks=REFUSED),
    "other-line": pytest.param(2, "/etc/fstab has another line for this directory", marks=REFUSED),
}
IN_TIME = {
    "no-name": pytest.param(3, "does not resolve: no mount target in this availability zone", marks=REFUSED),
    "silent-target": pytest.param(0, "does not answer on tcp 2049: a security group", marks=TARGET_NEVER),
    "no-repository": pytest.param(1, "could not be installed (no route to its repository", marks=REFUSED),
}
EVERY = IN_TIME | AT_ONCE


@pytest.mark.parametrize(("number", "text"), EVERY.values(), ids=EVERY)
def test_a_failure_is_one_line_that_names_its_cause(boot: Boot, number: int, text: str) -> None:
    assert [text in line for line in boot.run(number).failures] == [True], boot


@pytest.mark.parametrize(("number", "text"), EVERY.values(), ids=EVERY)
def test_a_failure_ends_the_user_data_with_1_and_signals_it(boot: Boot, number: int, text: str) -> None:
    run = boot.run(number)
    assert (run.one("exit"), run.one("signal").split()[-2:], run.all("next-command")) == ("1", ["-e", "1"], [])


@pytest.mark.parametrize(("number", "text"), IN_TIME.values(), ids=IN_TIME)
def test_a_failure_comes_within_the_time_given(boot: Boot, number: int, text: str) -> None:
    assert SECONDS <= int(boot.run(number).one("seconds")) <= AT_MOST


@pytest.mark.parametrize(("number", "text"), AT_ONCE.values(), ids=AT_ONCE)
def test_what_time_cannot_mend_fails_at_once(boot: Boot, number: int, text: str) -> None:
    assert int(boot.run(number).one("seconds")) < SECONDS


@REFUSED
def test_another_line_for_the_directory_stays_the_only_one(boot: Boot) -> None:
    assert [line for line in boot.all("fstab") if "/mnt/efs" in line] == [OTHER_LINE]


@REFUSED
def test_without_dns_the_host_takes_the_mount_target_of_its_own_zone(boot: Boot) -> None:
    run = boot.run(4)
    assert (run.one("exit"), run.log) == ("0", [f"mount-efs {FILE_SYSTEM} on /mnt/by-address: mounted"])
