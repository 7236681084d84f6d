"""Mounts on hosts of EC2: user data of the construct's making, its options, and what is refused."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Duration, Fn, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_s3_assets as s3_assets

from geuse_efs import GeuseEfs
from geuse_efs.mounting.user_data import FUNCTION_HEAD
from tests.construct.adopting import adopt
from tests.construct.mounting.consumers import AMAZON_LINUX, ISOLATED, SIZE, group, instance, role
from tests.construct.mounting.test_consumers import grants
from tests.construct.templates import POLICY, import_vpc, of_type, properties_of, resources_of, without_joins

INSTANCE = "AWS::EC2::Instance"


def user_data_of(stack: Stack, resource_type: str = INSTANCE) -> str:
    return str(without_joins(properties_of(resource_type, stack)["UserData"]["Fn::Base64"]))


def shellcheck(script: str) -> str:
    program = Path(sys.executable).with_name("shellcheck")
    return subprocess.run([program, "-"], input=script, capture_output=True, text=True, check=False).stdout  # noqa: S603


def call_in(user_data: str) -> str:
    [line] = [line for line in user_data.splitlines() if line.startswith("mount_efs ")]
    return line


def test_the_functions_are_there_once_for_several_mounts(stack: Stack, vpc: ec2.IVpc) -> None:
    efs, host = GeuseEfs(stack, "Efs", vpc=vpc), instance(stack, vpc)
    for name in ("/mnt/one", "/mnt/two"):
        efs.mount_on(host, name)
    user_data = user_data_of(stack)
    assert user_data.count(FUNCTION_HEAD) == 1
    assert re.findall(r"^mount_efs \S+ (\S+)", user_data, re.MULTILINE) == ["/mnt/one", "/mnt/two"]


def test_an_access_point_is_mounted_and_only_it_is_granted(stack: Stack, vpc: ec2.IVpc) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc, require_iam=True)
    access_point = efs.access_point("n8n", path="/n8n", uid=1000, gid=1000)
    efs.mount_on(instance(stack, vpc), "/mnt/n8n", access_point=access_point)
    resources = resources_of(stack)
    [statement] = grants(resources)
    assert "elasticfilesystem:AccessPointArn" in statement["Condition"]["StringEquals"]
    assert statement["Action"] == ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    assert ",accesspoint=<Efsn8n" in call_in(user_data_of(stack))


def test_read_only_is_granted_no_writing(stack: Stack, vpc: ec2.IVpc) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc, require_iam=True)
    efs.mount_on(instance(stack, vpc), "/mnt/efs", read_only=True)
    [statement] = grants(resources_of(stack))
    assert statement["Action"] == "elasticfilesystem:ClientMount"


def test_an_access_point_makes_its_directory_and_has_one_user(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc).access_point("n8n", path="/n8n", uid=1000, gid=1001)
    properties = properties_of("AWS::EFS::AccessPoint", stack)
    assert properties["PosixUser"] == {"Uid": "1000", "Gid": "1001"}
    creation = {"OwnerUid": "1000", "OwnerGid": "1001", "Permissions": "750"}
    assert properties["RootDirectory"] == {"Path": "/n8n", "CreationInfo": creation}


def test_one_zone_is_mounted_by_the_name_of_its_zone(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, one_zone=True).mount_on(instance(stack, vpc), "/mnt/efs")
    call = call_in(user_data_of(stack))
    assert ",az=us-east-1a " in call
    assert " 'us-east-1a.<" in call


def test_a_regional_file_system_is_mounted_in_the_zone_of_the_host(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(instance(stack, vpc), "/mnt/efs")
    call = call_in(user_data_of(stack))
    assert "az=" not in call
    assert "us-east-1a=" not in call


@pytest.mark.parametrize("support", [True, False])
def test_without_dns_the_host_gets_the_address_of_each_zone(stack: Stack, support: bool) -> None:
    vpc = ec2.Vpc(
        stack,
        "Own",
        max_azs=2,
        subnet_configuration=[ec2.SubnetConfiguration(name="a", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        enable_dns_support=support,
        enable_dns_hostnames=False,
    )
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(instance(stack, vpc), "/mnt/efs")
    assert len(re.findall(r"=<EfsReadiness\w+\.\S+\.IpAddress>", call_in(user_data_of(stack)))) == 2


@pytest.mark.parametrize(("suffix", "command"), [("deb", "apt-get"), ("rpm", "yum")])
def test_a_package_file_is_downloaded_with_the_role_of_the_host(
    stack: Stack, vpc: ec2.IVpc, tmp_path: Path, suffix: str, command: str
) -> None:
    package = tmp_path / f"amazon-efs-utils.{suffix}"
    package.write_bytes(b"")
    asset = s3_assets.Asset(stack, "Package", path=str(package))
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(instance(stack, vpc), "/mnt/efs", efs_utils=asset)
    user_data = user_data_of(stack)
    assert re.search(rf"aws s3 cp --region \S+ 's3://\S+\.{suffix}' /var/cache/amazon-efs-utils\.{suffix}", user_data)
    # What CloudFormation fills in is none of the shell's variables.
    assert shellcheck(re.sub(r"\$\{AWS::\w+\}", "x", user_data)) == ""
    assert command in user_data.partition(FUNCTION_HEAD)[0].splitlines()[-2]
    [policy] = [one for name, one in of_type(resources_of(stack), POLICY).items() if name.startswith("Host")]
    assert "s3:GetObject*" in policy["Properties"]["PolicyDocument"]["Statement"][0]["Action"]


def test_own_commands_install_the_helper(stack: Stack, vpc: ec2.IVpc) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc)
    efs.mount_on(instance(stack, vpc), "/mnt/efs", efs_utils=["/opt/install-efs-utils"])
    assert "install_efs_utils() {\n  /opt/install-efs-utils\n}" in user_data_of(stack)


def test_the_commands_alone_are_those_of_the_user_data(stack: Stack, vpc: ec2.IVpc) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc)
    efs.mount_on(instance(stack, vpc), "/mnt/efs")
    commands = "\n".join(["#!/bin/bash", *efs.mount_commands("/mnt/efs")])
    assert without_joins(stack.resolve(commands)) == user_data_of(stack)


def test_a_failed_mount_fails_the_deployment_of_an_instance_that_signals(stack: Stack, vpc: ec2.IVpc) -> None:
    host = instance(stack, vpc, resource_signal_timeout=Duration.minutes(15))
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(host, "/mnt/efs")
    host.user_data.add_signal_on_exit_command(host)
    assert_signals(user_data_of(stack))


def test_a_failed_mount_fails_the_deployment_of_a_group_that_signals(stack: Stack, vpc: ec2.IVpc) -> None:
    host = autoscaling.AutoScalingGroup(
        stack,
        "Host",
        vpc=vpc,
        vpc_subnets=ISOLATED,
        instance_type=SIZE,
        machine_image=AMAZON_LINUX,
        signals=autoscaling.Signals.wait_for_all(timeout=Duration.minutes(15)),
    )
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(host, "/mnt/efs")
    host.user_data.add_signal_on_exit_command(host)
    assert_signals(user_data_of(stack, "AWS::AutoScaling::LaunchConfiguration"))


def assert_signals(user_data: str) -> None:
    """The trap is set before the mount, whose failure ends the script, so that its exit status is signalled."""
    before, _, after = user_data.partition("\nmount_efs ")
    assert "cfn-signal" in before
    assert "\ntrap exitTrap EXIT\n" in before
    assert after.splitlines()[0].endswith(" || exit 1")


def windows(stack: Stack, vpc: ec2.IVpc) -> Any:
    image = ec2.MachineImage.generic_windows({"us-east-1": "ami-0123456789abcdef0"})
    return instance(stack, vpc, machine_image=image)


def template(stack: Stack, **options: Any) -> Any:
    given = {"machine_image": AMAZON_LINUX, "user_data": ec2.UserData.for_linux(), **options}
    return ec2.LaunchTemplate(stack, "Template", **given)


HOSTS_REFUSED: dict[str, Callable[[Stack, ec2.IVpc], Any]] = {
    "Host runs Windows": windows,
    "Template has no security group": lambda stack, _vpc: template(stack),
    "Template has no user data to add the mount to; give it user_data=": lambda stack, vpc: template(
        stack, security_group=group(stack, vpc), user_data=None
    ),
    "Template has no role, but signs in with IAM, as Storage/Efs has require_iam=True; give it role=": lambda stack, vpc: (
        template(stack, security_group=group(stack, vpc))
    ),
    "host is a SecurityGroup, allowed is .*mount_commands": group,
    "Template takes no commands": lambda stack, vpc: template(
        stack, security_group=group(stack, vpc), role=role(stack), user_data=ec2.MultipartUserData()
    ),
}


@pytest.mark.parametrize("message", HOSTS_REFUSED)
def test_a_host_that_cannot_mount_is_refused(stack: Stack, vpc: ec2.IVpc, message: str) -> None:
    efs, host = GeuseEfs(stack, "Efs", vpc=vpc, require_iam=True), HOSTS_REFUSED[message](stack, vpc)
    with pytest.raises(ValueError, match=message):
        efs.mount_on(host, "/mnt/efs")


@pytest.mark.parametrize(
    "text",
    ["#cloud-config\npackages: [git]", "echo hello", "", "#!/usr/bin/env python3", "#!/bin/sh", "#!/bin/bashful"],
)
def test_user_data_that_bash_does_not_run_is_refused(stack: Stack, vpc: ec2.IVpc, text: str) -> None:
    host = instance(stack, vpc, user_data=ec2.UserData.custom(text))
    with pytest.raises(ValueError, match=r"Storage/Host begins with .*MultipartUserData"):
        GeuseEfs(stack, "Efs", vpc=vpc).mount_on(host, "/mnt/efs")


def of_two_parts() -> ec2.UserData:
    user_data = ec2.MultipartUserData()
    user_data.add_part(ec2.MultipartBody.from_raw_body(content_type="text/cloud-config", body="packages: [git]"))
    user_data.add_user_data_part(ec2.UserData.for_linux(), ec2.MultipartBody.SHELL_SCRIPT, True)
    return user_data


@pytest.mark.parametrize(
    "user_data",
    [
        lambda: ec2.UserData.custom("#!/usr/bin/env bash\necho"),
        lambda: ec2.UserData.custom("#! /bin/bash -ex"),
        lambda: ec2.UserData.custom(Fn.import_value("user-data")),
        of_two_parts,
    ],
)
def test_user_data_that_bash_may_run_is_taken(
    stack: Stack, vpc: ec2.IVpc, user_data: Callable[[], ec2.UserData]
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc).mount_on(instance(stack, vpc, user_data=user_data()), "/mnt/efs")
    assert "docker.service || exit 1" in user_data_of(stack)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mount_point": "mnt/efs"}, "mount_point is 'mnt/efs'"),
        ({"mount_point": "/mnt/my data"}, "mount_point is '/mnt/my data'"),
        ({"mount_point": "/"}, "mount_point is '/'"),
        ({"mount_point": "/mnt/../etc"}, "mount_point is '/mnt/../etc'"),
        ({"before": "docker.service"}, "before is 'docker.service', allowed is a list"),
        ({"before": ["docker"]}, "before has 'docker'; give a list"),
        ({"before": None}, "before is None, allowed is a list"),
        ({"mount_point": None}, "mount_point is None, allowed is text"),
        ({"timeout": 600}, "timeout is 600, allowed is aws_cdk.Duration; give"),
        ({"access_point": "fsap-1"}, "access_point is 'fsap-1', allowed is aws_efs.IAccessPoint; give"),
        ({"read_only": "no"}, "read_only is 'no', allowed is True or False"),
        ({"efs_utils": b"x"}, "efs_utils is b'x', allowed is aws_s3_assets.Asset or a list"),
        ({"timeout": Duration.seconds(0)}, "timeout of a mount must be"),
        ({"efs_utils": "a.deb"}, "efs_utils is 'a.deb', allowed is aws_s3_assets.Asset or a list"),
    ],
)
def test_an_argument_that_cannot_work_is_refused(
    stack: Stack, vpc: ec2.IVpc, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        GeuseEfs(stack, "Efs", vpc=vpc).mount_on(instance(stack, vpc), **{"mount_point": "/mnt/efs", **given})


def test_batch_and_eks_need_a_role_to_sign_in_with(stack: Stack) -> None:
    efs = adopt(stack, import_vpc(stack))
    for call, role_argument in (
        (lambda: efs.batch_volume("/data", iam=True), "job_role"),
        (lambda: efs.persistent_volume("data", iam=True), "node_role"),
        (lambda: efs.storage_class("data", iam=True), "node_role"),
    ):
        with pytest.raises(ValueError, match=f"Storage/Efs.*, as iam=True was given; give .*{role_argument}"):
            call()
