from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator import LocalAws, LocalAwsError


def test_a_fault_for_one_subnet_spares_the_others(aws: LocalAws, network: Any) -> None:
    bad, good = network.subnet_ids[:2]
    fault = {"operation": "CreateMountTarget", "match": {"SubnetId": bad}, "status": 409}
    aws.configure(faults=[{**fault, "code": "NoFreeAddressesInSubnet"}])
    efs = aws.client("efs")
    for _ in range(2):
        with pytest.raises(ClientError, match="NoFreeAddressesInSubnet"):
            efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=bad)
    efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=good)


def test_a_fault_is_used_up_after_its_times(aws: LocalAws, network: Any) -> None:
    throttled = {
        "operation": "DescribeMountTargets",
        "status": 400,
        "code": "ThrottlingException",
        "times": 2,
    }
    aws.configure(faults=[throttled])
    efs = aws.client("efs")
    for _ in range(2):
        with pytest.raises(ClientError, match="ThrottlingException"):
            efs.describe_mount_targets(FileSystemId=network.file_system_id)
    assert efs.describe_mount_targets(FileSystemId=network.file_system_id)["MountTargets"] == []
    assert len(aws.calls("DescribeMountTargets")) == 3


def test_a_fault_after_the_effect_loses_only_the_answer(aws: LocalAws, network: Any) -> None:
    aws.configure(faults=[{"operation": "CreateMountTarget", "effect": "after", "times": 1}])
    efs = aws.client("efs")
    with pytest.raises(ClientError, match="InternalServerError"):
        efs.create_mount_target(FileSystemId=network.file_system_id, SubnetId=network.subnet_ids[0])
    assert len(efs.describe_mount_targets(FileSystemId=network.file_system_id)["MountTargets"]) == 1


def test_a_fault_without_a_code_is_a_truncated_answer(aws: LocalAws, network: Any) -> None:
    aws.configure(faults=[{"operation": "DescribeMountTargets", "status": 200, "code": "", "times": 1}])
    found = aws.client("efs").describe_mount_targets(FileSystemId=network.file_system_id)
    assert "MountTargets" not in found


def test_ec2_operations_can_fail_too(aws: LocalAws, network: Any) -> None:
    fault = {"operation": "CreateTags", "match": {"ResourceId": network.vpc_id}, "status": 403}
    aws.configure(faults=[{**fault, "code": "UnauthorizedOperation"}])
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        aws.client("ec2").create_tags(Resources=[network.vpc_id], Tags=[{"Key": "a", "Value": "b"}])


def test_an_unknown_setting_is_refused_by_name(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="unknown setting colour"):
        aws.configure(colour="blue")
    with pytest.raises(LocalAwsError, match="neither before nor after"):
        aws.configure(faults=[{"operation": "CreateTags", "effect": "during"}])
