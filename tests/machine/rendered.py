"""The user data of a host as the construct renders it: resolved from the template, with what CloudFormation fills in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs

from geuse_efs import GeuseEfs
from geuse_efs.mounting.user_data import FUNCTION_HEAD, EfsUtils, Mount, function_lines, mount_line
from tests.construct.mounting.consumers import instance
from tests.construct.templates import import_vpc

# Scenarios begin in threads, and the CDK's process answers one at a time.
ONE_AT_A_TIME = threading.Lock()


def render_by_construct(mounts: Sequence[Mount], efs_utils: EfsUtils | None, first: str, last: str) -> str:
    """User data with a line for each mount, the signal of the CDK, and a user's own commands before and after."""
    with ONE_AT_A_TIME:
        stack = Stack(App(), "Consumer", env=Environment(account="111122223333", region="us-east-1"))
        host = instance(stack, import_vpc(stack))
        host.user_data.add_signal_on_exit_command(host)
        host.user_data.add_commands(*filter(None, [first]))
        known: dict[str, str] = {}
        for number, mount in enumerate(mounts):
            _mount(stack, host, f"Mount{number}", mount, efs_utils, known)
        host.user_data.add_commands(last)
        return _filled_in(stack.resolve(host.user_data.render()), known) + "\n"


def _mount(
    stack: Stack, host: ec2.Instance, name: str, mount: Mount, efs_utils: EfsUtils | None, known: dict[str, str]
) -> None:
    if mount.region:  # no construct is in another region than its stack
        functions = [] if FUNCTION_HEAD in host.user_data.render() else function_lines(efs_utils)
        host.user_data.add_commands(*functions, mount_line(mount))
        return
    vpc = import_vpc(stack, construct_id=f"{name}Vpc")
    if mount.mount_target_ips:
        subnet = ec2.SubnetConfiguration(name="isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        vpc = ec2.Vpc(
            stack,
            f"{name}OwnVpc",
            availability_zones=list(mount.mount_target_ips),
            subnet_configuration=[subnet],
            enable_dns_hostnames=False,
        )
    adopted = GeuseEfs.adopt(stack, name, file_system_id=mount.file_system_id, vpc=vpc)
    for target in adopted.mount_targets:
        zone = target.availability_zone
        known[_key(stack.resolve(target.ip_address))] = mount.mount_target_ips.get(zone, "")
    known[_key(stack.resolve(adopted.file_system_id))] = mount.file_system_id
    access_point = mount.access_point_id and efs.AccessPoint.from_access_point_id(
        stack, f"{name}AccessPoint", mount.access_point_id
    )
    adopted.mount_on(
        host,
        mount.mount_point,
        access_point=access_point or None,
        read_only=mount.read_only,
        timeout=Duration.seconds(mount.timeout_seconds),
        before=mount.before,
        efs_utils=list(efs_utils.commands) if isinstance(efs_utils, EfsUtils) else efs_utils,
        iam=mount.iam,
    )


def _filled_in(value: Any, known: Mapping[str, str]) -> str:
    match value:
        case str():
            return value
        case {"Fn::Join": ["", [*parts]]}:
            return "".join(_filled_in(part, known) for part in parts)
        case {"Ref": "AWS::URLSuffix"}:
            return "amazonaws.com"
        case {"Ref": str(name)}:
            return name
    return known[_key(value)]


def _key(value: Any) -> str:
    return str(value)
