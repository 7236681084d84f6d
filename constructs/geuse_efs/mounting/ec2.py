"""Mounts on instances of EC2: user data, the way in, and permissions."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from aws_cdk import Duration, Stack, Token, aws_iam
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_s3_assets as s3_assets

from geuse_efs.argument_types import checked
from geuse_efs.mounting.access import grant_mount, sign_in_cause, signs_in, zone_of_one_zone
from geuse_efs.mounting.user_data import FUNCTION_HEAD, EfsUtils, Mount, function_lines, mount_line
from geuse_efs.waiting_file_system import WaitingFileSystem

Host = ec2.Instance | autoscaling.AutoScalingGroup | ec2.LaunchTemplate
DEFAULT_TIMEOUT_MINUTES = 10
# The rest has a meaning in /etc/fstab or in units of systemd.
_PATH = re.compile(r"(/(?!\.\.?(/|$))[^/\s%\\\"']+)+")
_BASH = re.compile(r"#!.*[/ ]bash(\s.*)?")
_UNIT = re.compile(r"[\w@:.\\-]+\.(service|socket|target|mount|timer|path|slice|scope)")


@checked
def mount_on(
    file_system: WaitingFileSystem,
    host: Host,
    mount_point: str,
    *,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    timeout: Duration | None,
    before: Sequence[str],
    efs_utils: s3_assets.Asset | Sequence[str] | None,
    iam: bool | None,
) -> None:
    """See `GeuseEfsBase.mount_on`."""
    user_data = _user_data(host)
    mount = _mount(file_system, mount_point, access_point, read_only=read_only, timeout=timeout, before=before, iam=iam)
    utils = _efs_utils(efs_utils)
    # A further mount of the same host calls the functions of the first.
    functions = [] if FUNCTION_HEAD in user_data.render() else function_lines(utils)
    file_system.allow(host)
    try:
        user_data.add_commands(*functions, mount_line(mount))
    except RuntimeError as error:
        raise ValueError(
            f"the user data of {host.node.path} takes no commands ({str(error).splitlines()[0]}); for MultipartUserData add a "
            "part for shell commands first: add_user_data_part(ec2.UserData.for_linux(), ec2.MultipartBody.SHELL_SCRIPT, True)"
        ) from error
    if isinstance(efs_utils, s3_assets.Asset):
        efs_utils.grant_read(_role_of(host, "reads the package file of efs_utils"))
    if mount.iam:
        role = _role_of(host, f"signs in with IAM, as {sign_in_cause(file_system, iam)}")
        grant_mount(file_system, role, access_point=access_point, read_only=read_only, before=host.node.default_child)


@checked
def mount_commands(
    file_system: WaitingFileSystem,
    mount_point: str,
    *,
    access_point: efs.IAccessPoint | None,
    read_only: bool,
    timeout: Duration | None,
    before: Sequence[str],
    efs_utils: s3_assets.Asset | Sequence[str] | None,
    iam: bool | None,
) -> list[str]:
    """See `GeuseEfsBase.mount_commands`."""
    mount = _mount(file_system, mount_point, access_point, read_only=read_only, timeout=timeout, before=before, iam=iam)
    return [*function_lines(_efs_utils(efs_utils)), mount_line(mount)]


def _mount(
    file_system: WaitingFileSystem,
    mount_point: str,
    access_point: efs.IAccessPoint | None,
    *,
    read_only: bool,
    timeout: Duration | None,
    before: Sequence[str],
    iam: bool | None,
) -> Mount:
    _check(mount_point, before)
    seconds = (timeout or Duration.minutes(DEFAULT_TIMEOUT_MINUTES)).to_seconds()
    if Token.is_unresolved(seconds) or seconds < 1:
        raise ValueError("timeout of a mount must be a number of seconds, at least 1, that is known at synth")
    zone = zone_of_one_zone(file_system)
    return Mount(
        file_system_id=file_system.file_system_id,
        mount_point=mount_point,
        dns_name=file_system.mount_targets[0].dns_name if zone else file_system.dns_name,
        timeout_seconds=int(seconds),
        read_only=read_only,
        iam=signs_in(file_system, iam),
        access_point_id=access_point.access_point_id if access_point is not None else None,
        availability_zone=zone,
        mount_target_ips=_mount_target_ips(file_system),
        before=tuple(before),
    )


def _check(mount_point: str, before: Sequence[str]) -> None:
    if not _PATH.fullmatch(mount_point):
        raise ValueError(
            f"mount_point is {mount_point!r}; allowed is an absolute path below / without a slash at its end, white space, %, "
            "quotes, backslashes, '.' and '..', like /mnt/efs"
        )
    wrong = [name for name in before if not _UNIT.fullmatch(name)]
    if wrong:
        raise ValueError(
            f"before has {wrong[0]!r}; give a list of systemd units with their suffix, like ['docker.service']"
        )


def _mount_target_ips(file_system: WaitingFileSystem) -> dict[str, str]:
    """By AZ where names do not resolve: DNS is known to be off only in a VPC that the app defines."""
    vpc = file_system._vpc  # noqa: SLF001
    if not isinstance(vpc, ec2.Vpc) or (vpc.dns_support_enabled and vpc.dns_hostnames_enabled):
        return {}
    return {target.availability_zone: target.ip_address for target in file_system.mount_targets}


def _user_data(host: Host) -> ec2.UserData:
    if host.os_type == ec2.OperatingSystemType.WINDOWS:
        raise ValueError(f"{host.node.path} runs Windows, which cannot mount EFS; mount on a Linux host")
    try:
        user_data = host.user_data
    except RuntimeError:  # an AutoScalingGroup whose launch template is imported
        user_data = None
    if user_data is None:
        raise ValueError(
            f"{host.node.path} has no user data to add the mount to; {_give(host)} user_data=ec2.UserData.for_linux()"
        )
    _refuse_other_languages(host, user_data)
    return user_data


def _refuse_other_languages(host: Host, user_data: ec2.UserData) -> None:
    """Added to user data that cloud-init does not give to bash, the mount would not run, and nothing would say so."""
    first = next(iter(user_data.render().splitlines()), "")
    if isinstance(user_data, ec2.MultipartUserData) or Token.is_unresolved(first) or _BASH.fullmatch(first):
        return
    raise ValueError(
        f"the user data of {host.node.path} begins with {first!r:.60}, so bash does not run it; begin it with #!/bin/bash, or "
        "give ec2.MultipartUserData with it as one part and ec2.UserData.for_linux() as the default one for shell commands"
    )


def _role_of(host: Host, purpose: str) -> aws_iam.IRole:
    try:
        role = host.role
    except RuntimeError:
        role = None
    if role is None:
        raise ValueError(f"{host.node.path} has no role, but {purpose}; {_give(host)} role=")
    return role


def _give(host: Host) -> str:
    return "give it" if isinstance(host, ec2.LaunchTemplate) else "define its launch template with"


def _efs_utils(given: s3_assets.Asset | Sequence[str] | None) -> EfsUtils | None:
    if given is None:
        return None
    if not isinstance(given, s3_assets.Asset):
        return EfsUtils(tuple(given))
    suffix = given.asset_path.rpartition(".")[2]
    if suffix not in {"deb", "rpm"}:
        raise ValueError(f"efs_utils is an asset of {given.asset_path}; its file must be a .deb or an .rpm")
    path = f"/var/cache/amazon-efs-utils.{suffix}"
    install = EfsUtils.from_deb(path) if suffix == "deb" else EfsUtils.from_rpm(path)
    return EfsUtils((*_download(given, path), *install.commands))


def _download(asset: s3_assets.Asset, path: str) -> tuple[str, ...]:
    """Ubuntu's images have no AWS CLI, and since 24.04 it is a snap only; Debian's have it or its package."""
    return (
        "command -v aws > /dev/null || { apt-get -q update && apt-get -y -q -o DPkg::Lock::Timeout=60 install awscli; } ||",
        '  snap install aws-cli --classic || { echo "no AWS CLI to download efs_utils= with, so give commands"; exit 1; }',
        f"aws s3 cp --region {Stack.of(asset).region} {shlex.quote(asset.s3_object_url)} {path}",
    )
