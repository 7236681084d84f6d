from __future__ import annotations

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import LocalAws


def _create(aws: LocalAws, network: Any, n: int = 0) -> dict[str, Any]:
    created: dict[str, Any] = aws.client("efs").create_mount_target(
        FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[n]
    )
    return created


def _states(aws: LocalAws, network: Any) -> list[str]:
    found = aws.client("efs").describe_mount_targets(FileSystemId=network.file_system_id)
    return [item["LifeCycleState"] for item in found["MountTargets"]]


def test_a_mount_target_is_creating_until_its_time_is_over(aws: LocalAws, network: Any, eventually: Any) -> None:
    started = time.monotonic()
    assert _create(aws, network)["LifeCycleState"] == "creating"
    assert _states(aws, network) == ["creating"]
    eventually(lambda: _states(aws, network) == ["available"])
    assert 0.3 <= time.monotonic() - started < 1.0


def test_a_zone_can_be_scripted_to_end_in_error(aws: LocalAws, network: Any, eventually: Any) -> None:
    aws.configure(zones={"us-east-1b": {"state": "error", "seconds": 0.1}})
    _create(aws, network, 0)
    _create(aws, network, 1)
    eventually(lambda: _states(aws, network) == ["available", "error"])


def test_a_subnet_can_be_scripted_never_to_finish(aws: LocalAws, network: Any, eventually: Any) -> None:
    aws.configure(zones={network.subnet_ids[1]: {"state": "creating"}})
    _create(aws, network, 0)
    _create(aws, network, 1)
    eventually(lambda: _states(aws, network) == ["available", "creating"])


def test_a_deleted_mount_target_is_deleting_before_it_is_gone(aws: LocalAws, network: Any, eventually: Any) -> None:
    aws.configure(mount_target_deletion_seconds=0.2)
    efs = aws.client("efs")
    efs.delete_mount_target(MountTargetId=_create(aws, network)["MountTargetId"])
    assert _states(aws, network) == ["deleting"]
    with pytest.raises(ClientError, match="FileSystemInUse"):
        efs.delete_file_system(FileSystemId=network.file_system_id)
    eventually(lambda: _states(aws, network) == [])
    efs.delete_file_system(FileSystemId=network.file_system_id)


def test_a_deleted_mount_target_is_gone_at_once_by_default(aws: LocalAws, network: Any) -> None:
    aws.client("efs").delete_mount_target(MountTargetId=_create(aws, network)["MountTargetId"])
    assert _states(aws, network) == []


def test_describing_an_unknown_file_system_answers_file_system_not_found(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="FileSystemNotFound") as caught:
        aws.client("efs").describe_mount_targets(FileSystemId="fs-0123456789abcdef0")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_describing_without_a_filter_is_refused(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="BadRequest"):
        aws.client("efs").describe_mount_targets()


def test_describing_comes_in_pages_whatever_max_items_says(aws: LocalAws, network: Any) -> None:
    aws.configure(mount_targets_a_page=2)
    expected = [_create(aws, network, n)["MountTargetId"] for n in range(3)]
    efs = aws.client("efs")
    first = efs.describe_mount_targets(FileSystemId=network.file_system_id, MaxItems=100)
    assert [item["MountTargetId"] for item in first["MountTargets"]] == expected[:2]
    second = efs.describe_mount_targets(FileSystemId=network.file_system_id, Marker=first["NextMarker"])
    assert [item["MountTargetId"] for item in second["MountTargets"]] == expected[2:]
    assert "NextMarker" not in second


def test_a_reset_forgets_settings_and_mount_targets(aws: LocalAws, network: Any) -> None:
    _create(aws, network)
    aws.reset()
    assert aws.configure()["mount_target_seconds"] == 1.0
    assert aws.calls("CreateMountTarget") == []
    with pytest.raises(ClientError, match="FileSystemNotFound"):
        _states(aws, network)
