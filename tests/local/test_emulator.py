from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import LocalAws, LocalAwsError

_PARENT = """
from local.emulator import LocalAws
aws = LocalAws().start()
print(aws.pid, aws.folder, flush=True)
time.sleep(60)
"""


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/_ministack/health", timeout=2).close()  # noqa: S310 (the emulator's)
    except OSError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Where nobody collects orphans, an ended one stays in the table as a zombie.
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and ") Z " in status.read_text())


def test_nothing_is_left_after_the_context() -> None:
    with LocalAws() as aws:
        pid, folder, url = aws.pid, aws.folder, aws.endpoint_url
        assert _answers(url)
    assert not _answers(url)
    assert not _alive(pid)
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_emulator_ends_with_its_parent(number: int, eventually: Callable[..., None]) -> None:
    command = [sys.executable, "-c", _PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603 (this interpreter)
        assert parent.stdout is not None
        words = parent.stdout.readline().split()
        pid, folder = int(words[0]), Path(words[1])
        assert _alive(pid)
        parent.send_signal(number)
    eventually(lambda: not _alive(pid) and not folder.exists())


def test_a_port_in_use_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LocalAwsError, match=rf"port {port} on 127\.0\.0\.1 cannot be used") as caught:
            LocalAws(port=port).start()
    assert "\n" not in str(caught.value)


def test_the_environment_has_no_profile_and_no_credentials_of_the_user(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    environment = aws.environment()
    assert "AWS_PROFILE" not in environment
    assert "AWS_SESSION_TOKEN" not in environment
    assert environment["AWS_ENDPOINT_URL"] == environment["AWS_ENDPOINT_URL_S3"] == aws.endpoint_url


def test_the_account_is_the_documented_one(aws: LocalAws) -> None:
    assert aws.client("sts").get_caller_identity()["Account"] == LocalAws.account


def _role_session(aws: LocalAws, *statements: dict[str, Any]) -> dict[str, str]:
    """Credentials of a new role that may do what the statements say."""
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    role = iam.create_role(RoleName="limited", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="limited", PolicyName="limits", PolicyDocument=_policy(*statements))
    given = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def test_with_auth_a_role_may_do_what_its_policy_says_and_no_more() -> None:
    with LocalAws(auth=True) as aws:
        plain, ec2 = aws.client("efs"), aws.client("ec2")
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        mine, other = (plain.create_file_system(CreationToken=name) for name in ("mine", "other"))
        targets = []
        for n, file_system in enumerate((mine, other)):
            subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"]
            targets.append(plain.create_mount_target(FileSystemId=file_system["FileSystemId"], SubnetId=subnet))
        prefix = f"arn:aws:ec2:{aws.region}:{aws.account}"
        condition = {"ArnEquals": {"ec2:Subnet": f"{prefix}:subnet/{targets[0]['SubnetId']}"}}
        session = _role_session(
            aws,
            {"Effect": "Allow", "Action": "elasticfilesystem:*", "Resource": mine["FileSystemArn"]},
            {
                "Effect": "Allow",
                "Action": "ec2:CreateTags",
                "Resource": f"{prefix}:network-interface/*",
                "Condition": condition,
            },
        )
        efs, limited = aws.client("efs", **session), aws.client("ec2", **session)
        tags = [{"Key": "a", "Value": "b"}]

        efs.tag_resource(ResourceId=mine["FileSystemId"], Tags=tags)
        assert len(efs.describe_mount_targets(FileSystemId=mine["FileSystemId"])["MountTargets"]) == 1
        efs.describe_mount_target_security_groups(MountTargetId=targets[0]["MountTargetId"])
        with pytest.raises(ClientError, match="AccessDenied"):
            efs.describe_mount_target_security_groups(MountTargetId=targets[1]["MountTargetId"])

        limited.create_tags(Resources=[targets[0]["NetworkInterfaceId"]], Tags=tags)
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            limited.create_tags(Resources=[targets[1]["NetworkInterfaceId"]], Tags=tags)
