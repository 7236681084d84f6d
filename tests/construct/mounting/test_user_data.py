"""The bash that mounts file systems: what is rendered. What it does is shown by tests/machine."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from geuse_efs.mounting.user_data import FUNCTION_HEAD, EfsUtils, Mount, mount_line, mount_options, render

FILE_SYSTEM = "fs-0123456789abcdef0"
UNRESOLVED = "${Token[TOKEN.123]}"
NAME = f"{FILE_SYSTEM}.efs.us-east-1.amazonaws.com"
ALL_OPTIONS: dict[str, Any] = {
    "read_only": True,
    "iam": True,
    "access_point_id": "fsap-0123456789abcdef0",
    "availability_zone": "us-east-1a",
    "region": "us-east-1",
    "before": ("docker.service", "ecs.service"),
    "mount_target_ips": {f"us-east-1{zone}": f"10.0.{number}.4" for number, zone in enumerate("abcdef")},
}


def mount(**settings: Any) -> Mount:
    return Mount(**{"file_system_id": FILE_SYSTEM, "mount_point": "/mnt/efs", "dns_name": NAME, **settings})


def arguments(line: str) -> Sequence[str]:
    """The arguments as the host's shell gives them to the function."""
    call, _, rest = line.partition(" || ")
    assert rest == "exit 1"
    return shlex.split(call)[1:]


def test_tls_and_netdev_are_always_options() -> None:
    assert mount_options(mount()) == "_netdev,tls"


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"iam": True}, "iam"),
        ({"access_point_id": "fsap-0123456789abcdef0"}, "accesspoint=fsap-0123456789abcdef0"),
        ({"read_only": True}, "ro"),
        ({"availability_zone": "us-east-1a"}, "az=us-east-1a"),
        ({"region": "eu-west-1"}, "region=eu-west-1"),
    ],
)
def test_a_setting_adds_its_option(settings: dict[str, Any], option: str) -> None:
    assert mount_options(mount(**settings)) == f"_netdev,tls,{option}"


@pytest.mark.parametrize("settings", [{}, ALL_OPTIONS])
@pytest.mark.parametrize("option", ["nofail", "x-systemd.automount", "addr=", "noresvport", "nfsvers"])
def test_options_that_do_harm_or_nothing_are_never_written(settings: dict[str, Any], option: str) -> None:
    assert option not in "\n".join(render([mount(**settings)]))


def test_no_option_has_two_equal_signs() -> None:
    # The mount helper splits an option at each of them, and ends with an error of its own.
    assert [option for option in mount_options(mount(**ALL_OPTIONS)).split(",") if option.count("=") > 1] == []


def test_the_call_has_the_values_in_the_order_of_the_function() -> None:
    line = mount_line(
        mount(timeout_seconds=300, before=("a.service", "b.service"), mount_target_ips={"us-east-1a": "10.0.0.4"})
    )
    options = mount_options(mount(before=("a.service", "b.service")))
    assert arguments(line) == [
        FILE_SYSTEM,
        "/mnt/efs",
        options,
        NAME,
        "300",
        "a.service b.service",
        "us-east-1a=10.0.0.4",
    ]


def test_a_token_reaches_the_call_unchanged_and_quoted() -> None:
    line = mount_line(mount(file_system_id=UNRESOLVED, access_point_id=UNRESOLVED))
    assert arguments(line)[0] == UNRESOLVED
    assert arguments(line)[2] == f"_netdev,tls,accesspoint={UNRESOLVED}"


def test_several_mounts_share_the_functions() -> None:
    lines = render([mount(), mount(mount_point="/mnt/other")])
    assert [FUNCTION_HEAD in line for line in lines].count(True) == 1
    assert [arguments(line)[1] for line in lines[-2:]] == ["/mnt/efs", "/mnt/other"]


@pytest.mark.parametrize(
    ("efs_utils", "command"),
    [
        (None, '"$manager" -y -q install amazon-efs-utils'),
        (EfsUtils.from_package_manager(), '"$manager" -y -q install amazon-efs-utils'),
        (EfsUtils.from_deb("/opt/efs utils.deb"), "install '/opt/efs utils.deb'"),
        (EfsUtils.from_rpm("/opt/efs.rpm"), "-y -q install /opt/efs.rpm"),
        (EfsUtils(("/opt/install-efs-utils",)), "  /opt/install-efs-utils"),
    ],
)
def test_the_helper_is_installed_the_way_that_was_asked_for(efs_utils: EfsUtils | None, command: str) -> None:
    lines = render([mount()], efs_utils)
    function = lines[: lines.index("}") + 1]
    assert function[-2].endswith(command)


EVERY_WAY = [
    EfsUtils.from_package_manager(),
    EfsUtils.from_deb("/opt/a.deb"),
    EfsUtils.from_rpm("/opt/a.rpm"),
    EfsUtils(("cp /opt/mount.efs /sbin",)),
]


@pytest.mark.parametrize("efs_utils", EVERY_WAY)
def test_one_mount_takes_at_most_60_lines(efs_utils: EfsUtils) -> None:
    assert len(["#!/bin/bash", *render([mount(**ALL_OPTIONS)], efs_utils)]) <= 60


def test_six_mounts_with_every_option_leave_half_of_the_16_kb_of_user_data() -> None:
    lines = render([mount(mount_point=f"/mnt/a-directory-{number}", **ALL_OPTIONS) for number in range(6)])
    assert len("\n".join(lines).encode()) < 8 * 1024


@pytest.mark.parametrize("efs_utils", EVERY_WAY)
def test_shellcheck_has_nothing_to_say(efs_utils: EfsUtils) -> None:
    script = "\n".join(["#!/bin/bash", *render([mount(**ALL_OPTIONS), mount()], efs_utils), ""])
    program = Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run([program, "-"], input=script, capture_output=True, text=True, check=False)  # noqa: S603
    assert (checked.returncode, checked.stdout) == (0, "")
