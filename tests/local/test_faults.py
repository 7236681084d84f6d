"""What only the local AWS has of faults; what they do is in tests/simulator/test_contract.py."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.emulator.local_aws import LocalAws, LocalAwsError


def test_a_call_that_a_fault_answers_is_recorded_like_any_other(aws: LocalAws, network: Any) -> None:
    aws.configure(faults=[{"operation": "DescribeMountTargets", "times": 1}])
    efs = aws.client("efs")
    with pytest.raises(ClientError, match="InternalServerError"):
        efs.describe_mount_targets(FileSystemId=network.file_system_id)
    efs.describe_mount_targets(FileSystemId=network.file_system_id)
    assert [call["FileSystemId"] for call in aws.calls("DescribeMountTargets")] == [network.file_system_id] * 2


def test_a_rule_of_ec2_can_name_one_of_several_ids(aws: LocalAws, network: Any) -> None:
    fault = {"operation": "CreateTags", "match": {"ResourceId": network.vpc_id}, "status": 403}
    aws.configure(faults=[{**fault, "code": "UnauthorizedOperation"}])
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        aws.client("ec2").create_tags(Resources=[network.vpc_id], Tags=[{"Key": "a", "Value": "b"}])


def test_an_unknown_setting_is_refused_by_name(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="unknown setting colour"):
        aws.configure(colour="blue")
    with pytest.raises(LocalAwsError, match="neither before nor after"):
        aws.configure(faults=[{"operation": "CreateTags", "effect": "during"}])
    with pytest.raises(LocalAwsError, match="not one of error, truncated, reset, own"):
        aws.configure(faults=[{"operation": "CreateTags", "answer": "none"}])
