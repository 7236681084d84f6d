"""Mount targets in real time; how they behave beside that is in tests/simulator/test_contract.py."""

from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.local_aws import LocalAws


def _create(aws: LocalAws, network: Any, n: int = 0) -> dict[str, Any]:
    created: dict[str, Any] = aws.client("efs").create_mount_target(
        FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[n]
    )
    return created


def _states(aws: LocalAws, network: Any) -> list[str]:
    found = aws.client("efs").describe_mount_targets(FileSystemId=network.file_system_id)
    return [item["LifeCycleState"] for item in found["MountTargets"]]


def test_a_mount_target_is_creating_for_as_long_as_was_configured(aws: LocalAws, network: Any, eventually: Any) -> None:
    started = time.monotonic()
    assert _create(aws, network)["LifeCycleState"] == "creating"
    assert _states(aws, network) == ["creating"]
    eventually(lambda: _states(aws, network) == ["available"])
    assert 0.3 <= time.monotonic() - started < 1.0


def test_a_deleted_mount_target_is_gone_at_once_by_default(aws: LocalAws, network: Any) -> None:
    aws.client("efs").delete_mount_target(MountTargetId=_create(aws, network)["MountTargetId"])
    assert _states(aws, network) == []


def test_an_interface_is_found_by_its_tag(aws: LocalAws, network: Any) -> None:
    name, ec2 = _create(aws, network)["NetworkInterfaceId"], aws.client("ec2")
    ec2.create_tags(Resources=[name], Tags=[{"Key": "Name", "Value": "shared"}])
    found = ec2.describe_network_interfaces(Filters=[{"Name": "tag:Name", "Values": ["sha*"]}])["NetworkInterfaces"]
    assert [one["NetworkInterfaceId"] for one in found] == [name]


def test_a_reset_forgets_settings_and_mount_targets(aws: LocalAws, network: Any) -> None:
    _create(aws, network)
    aws.reset()
    assert aws.configure()["mount_target_seconds"] == 1.0
    assert aws.calls("CreateMountTarget") == []
    with pytest.raises(ClientError, match="FileSystemNotFound"):
        _states(aws, network)
