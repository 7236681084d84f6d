"""The first boot mounts, the second mounts from /etc/fstab, the third cannot mount."""

from __future__ import annotations

import pytest

from geuse_efs.mounting.user_data import Mount
from tests.machine.lab import FILE_SYSTEM, Lab, dns_name, user_data
from tests.machine.machine import Boot

OTHER_LINE = "tmpfs /mnt/scratch tmpfs noauto 0 0"
MOUNT = Mount(
    file_system_id=FILE_SYSTEM,
    mount_point="/mnt/efs",
    dns_name=dns_name(),
    timeout_seconds=60,
    before=("app.service",),
)
RUN_AGAIN = "[ -e /lab/ran-again ] || { touch /lab/ran-again; /lab/run-user-data /lab/user-data; }"


def three_boots(lab: Lab) -> list[Boot]:
    lab.network.start_resolving()
    lab.network.open_mount_target()
    # Strict bash, as careful users begin their user data; a last line without an end.
    data = user_data([MOUNT], first="set -euo pipefail")
    machine = lab.machine(data, fstab=OTHER_LINE, package_manager="yum", then=RUN_AGAIN)
    boots = [machine.boot(), machine.boot()]
    lab.network.silence_mount_target()
    return [*boots, machine.boot()]


pytestmark = pytest.mark.scenario(run=three_boots)


def test_the_first_boot_mounts_with_the_options_that_aws_recommends(boots: list[Boot]) -> None:
    options = set(boots[0].one("mounted").split()[-1].split(","))
    assert options >= {"vers=4.1", "rsize=1048576", "wsize=1048576", "hard", "noresvport", "timeo=600", "retrans=2"}


def test_the_file_system_is_reached_through_the_tls_tunnel(boots: list[Boot]) -> None:
    assert boots[0].one("mounted").startswith(f"nfs4 127.0.0.1:/{FILE_SYSTEM} ")


def test_the_user_data_succeeds_and_signals_success(boots: list[Boot]) -> None:
    run = boots[0].run(0)
    assert (run.one("exit"), run.one("signal").split()[-2:]) == ("0", ["-e", "0"])


def test_the_user_data_says_that_it_mounted(boots: list[Boot]) -> None:
    assert boots[0].run(0).log == [f"mount-efs {FILE_SYSTEM} on /mnt/efs: mounted"]


def test_the_second_boot_mounts_from_fstab(boots: list[Boot]) -> None:
    assert boots[1].one("mounted").startswith("nfs4 ")
    assert boots[1].all("user-data-starts") == boots[1].all("failed-unit") == []


def test_what_the_first_boot_wrote_the_second_reads(boots: list[Boot]) -> None:
    assert boots[1].one("read") == boots[0].one("wrote") != ""


def test_fstab_keeps_its_other_line_although_that_had_no_end(boots: list[Boot]) -> None:
    assert boots[0].all("fstab")[0] == OTHER_LINE


def test_run_twice_the_user_data_leaves_one_line_and_succeeds(boots: list[Boot]) -> None:
    assert len(boots[1].all("fstab")) == 2
    assert boots[0].run(1).one("exit") == "0"


def test_a_service_named_in_before_never_sees_an_empty_directory(boots: list[Boot]) -> None:
    seen = [boot.all("app-saw") for boot in boots[:2]]
    assert seen == [["no directory", "the file system"], ["the file system"]]


def test_the_helper_sees_no_option_of_systemd(boots: list[Boot]) -> None:
    options = {line.split()[-1] for line in boots[1].all("helper")}
    assert options == {"rw,tls,_netdev"}


def test_services_after_remote_fs_find_the_file_system(boots: list[Boot]) -> None:
    assert boots[1].one("after-remote-fs") == "the file system"


def test_a_boot_that_cannot_mount_goes_on_with_a_failed_unit(boots: list[Boot]) -> None:
    assert boots[2].all("mounted") == []
    assert boots[2].one("failed-unit").split()[0] == "mnt-efs.mount"


def test_without_the_mount_nothing_is_written_to_the_root_disk(boots: list[Boot]) -> None:
    assert boots[2].one("not-mounted-with") == "0 entries"


def test_without_the_mount_a_service_named_in_before_does_not_start(boots: list[Boot]) -> None:
    assert boots[2].all("app-saw") == []
