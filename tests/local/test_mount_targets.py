"""Mount targets that take time, and the network interfaces behind them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from local.emulator.local_aws import LocalAws, LocalAwsError


def _create(aws: LocalAws, network: Any, number: int = 0, **more: Any) -> dict[str, Any]:
    subnet = network.subnet_ids[number]
    efs = aws.client("efs")
    created: dict[str, Any] = efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=subnet, **more)
    return created


def _states(aws: LocalAws, network: Any) -> list[str]:
    found = aws.client("efs").describe_mount_targets(FileSystemId=network.file_system_id)
    return [target["LifeCycleState"] for target in found["MountTargets"]]


def _interfaces(aws: LocalAws, name: str, value: str) -> list[dict[str, Any]]:
    filters = [{"Name": name, "Values": [value]}]
    found: list[dict[str, Any]] = aws.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    return found


def _groups(aws: LocalAws, network: Any) -> list[str]:
    """Two new security groups."""
    create = aws.client("ec2").create_security_group
    return [create(GroupName=name, Description=name, VpcId=network.vpc_id)["GroupId"] for name in "ab"]


def test_a_mount_target_is_creating_for_as_long_as_was_configured_and_may_end_in_error_or_never(
    aws: LocalAws, network: Any, eventually: Any
) -> None:
    aws.configure(final_states={"us-east-1b": "error", "us-east-1c": "creating"})
    started = time.monotonic()
    assert [_create(aws, network, number)["LifeCycleState"] for number in range(3)] == ["creating"] * 3
    eventually(lambda: _states(aws, network) == ["available", "error", "creating"])
    assert time.monotonic() - started >= 0.3


def test_a_reset_forgets_settings_and_mount_targets(aws: LocalAws, network: Any) -> None:
    _create(aws, network)
    aws.configure(final_states={"us-east-1b": "error"})
    aws.reset()
    assert aws.configure() == {"mount_target_seconds": 1.0, "final_states": {}}
    assert aws.client("efs").describe_file_systems()["FileSystems"] == []


def test_an_unknown_setting_or_state_is_refused_by_name(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="unknown setting colour"):
        aws.configure(colour="blue")
    with pytest.raises(LocalAwsError, match="state gone is not one of available, error, creating"):
        aws.configure(final_states={"us-east-1a": "gone"})


def test_a_mount_target_has_a_requester_managed_interface_that_names_it(aws: LocalAws, network: Any) -> None:
    created = _create(aws, network)
    [interface] = _interfaces(aws, "network-interface-id", created["NetworkInterfaceId"])
    expected = f"Mount target {created['MountTargetId']} for file system {network.file_system_id}"
    assert (interface["Description"], interface["RequesterManaged"]) == (expected, True)
    assert (interface["SubnetId"], interface["PrivateIpAddress"]) == (created["SubnetId"], created["IpAddress"])
    assert _interfaces(aws, "subnet-id", "subnet-0123456789abcdef0") == []


def test_the_interface_follows_the_groups_of_its_mount_target_and_goes_with_it(aws: LocalAws, network: Any) -> None:
    efs, (before, after) = aws.client("efs"), _groups(aws, network)
    created = _create(aws, network, SecurityGroups=[before])
    efs.modify_mount_target_security_groups(MountTargetId=created["MountTargetId"], SecurityGroups=[after])
    assert _interfaces(aws, "group-id", before) == []
    [interface] = _interfaces(aws, "group-id", after)
    assert interface["NetworkInterfaceId"] == created["NetworkInterfaceId"]
    efs.delete_mount_target(MountTargetId=created["MountTargetId"])
    assert _interfaces(aws, "group-id", after) == []


def test_security_groups_are_found_by_id(aws: LocalAws, network: Any) -> None:
    _, wanted = _groups(aws, network)
    filters = [{"Name": "group-id", "Values": [wanted, "sg-0a1b2c3d4e5f60789"]}]
    found = aws.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [wanted]
