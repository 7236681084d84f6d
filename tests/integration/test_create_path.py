"""The create path on the local AWS: the synthesised stack, its real Lambda, IAM evaluation on."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import RemovalPolicy
from aws_cdk import aws_efs as efs

from local.emulator.local_aws import LocalAws
from tests.support.deployer import Deployer, DeployResult

TYPE = "Custom::GeuseEfsMountTargets"
Deploy = Callable[..., DeployResult]
Look = Callable[[], dict[str, dict[str, Any]]]


def file_systems(aws: LocalAws) -> list[str]:
    return [found["FileSystemId"] for found in aws.client("efs").describe_file_systems()["FileSystems"]]


def test_a_stack_is_complete_only_when_every_mount_target_is_available(
    aws: LocalAws, deploy: Deploy, mount_targets: Look
) -> None:
    aws.configure(mount_target_seconds=1.5)
    result = deploy()
    assert result.status == "CREATE_COMPLETE", result.failures
    assert {zone: target["LifeCycleState"] for zone, target in mount_targets().items()} == {
        "us-east-1a": "available",
        "us-east-1b": "available",
        "us-east-1c": "available",
    }
    (file_system,) = file_systems(aws)
    assert result.of(TYPE)[-1].physical_id == f"geuse-efs:{file_system}"


def test_the_function_that_answers_is_the_one_that_was_deployed(aws: LocalAws, deploy: Deploy) -> None:
    # Where the package is installed beside the emulator, an archive without it would go unnoticed.
    assert deploy(zones=("us-east-1a",)).succeeded
    functions = aws.client("lambda")
    (function,) = functions.list_functions()["Functions"]
    location = functions.get_function(FunctionName=function["FunctionName"])["Code"]["Location"]
    with urllib.request.urlopen(location) as answer, zipfile.ZipFile(io.BytesIO(answer.read())) as archive:  # noqa: S310
        names = archive.namelist()
    assert "geuse_efs_waiter/handler.py" in names
    assert not [name for name in names if "__pycache__" in name]


def test_the_tags_reach_file_system_security_group_and_network_interfaces(
    aws: LocalAws, deploy: Deploy, mount_targets: Look
) -> None:
    assert deploy(tier="prod", tags={"owner": "storage team"}).succeeded
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[target["NetworkInterfaceId"] for target in mount_targets().values()]
    )["NetworkInterfaces"]
    (described,) = aws.client("efs").describe_file_systems()["FileSystems"]
    for tags in [described["Tags"], *(interface["TagSet"] for interface in interfaces)]:
        read = {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")}
        assert read == {
            "Name": "Storage/Efs",
            "geusemaker:created-by": "geuse-efs",
            "geusemaker:deployment": "demo",
            "geusemaker:tier": "prod",
            "owner": "storage team",
        }


def test_an_update_in_place_keeps_file_system_and_physical_id(aws: LocalAws, deploy: Deploy) -> None:
    first = deploy()
    (file_system,) = file_systems(aws)
    second = deploy(throughput_mode=efs.ThroughputMode.ELASTIC, tier="prod")
    assert second.status == "UPDATE_COMPLETE", second.failures
    assert file_systems(aws) == [file_system]
    assert second.of(TYPE)[-1].physical_id == first.of(TYPE)[-1].physical_id


def test_zones_can_be_added_and_removed(deploy: Deploy, mount_targets: Look) -> None:
    deploy(zones=("us-east-1a", "us-east-1b"))
    kept = mount_targets()["us-east-1b"]["MountTargetId"]
    result = deploy(zones=("us-east-1b", "us-east-1c"))
    assert result.status == "UPDATE_COMPLETE", result.failures
    assert set(mount_targets()) == {"us-east-1b", "us-east-1c"}
    assert mount_targets()["us-east-1b"]["MountTargetId"] == kept
    assert mount_targets()["us-east-1c"]["LifeCycleState"] == "available"


def test_a_mount_target_in_error_fails_the_stack_with_its_name(aws: LocalAws, deploy: Deploy) -> None:
    aws.configure(mount_target_seconds=0.3, final_states={"us-east-1b": "error"})
    result = deploy(removal_policy=RemovalPolicy.DESTROY)
    assert result.status == "ROLLBACK_COMPLETE"
    reason = next(failure for failure in result.failures if failure.startswith("EfsReadiness"))
    assert "in us-east-1b is error" in reason
    assert "delete the mount target and try again" in reason
    assert file_systems(aws) == []


def test_an_update_that_would_replace_the_file_system_fails_and_rolls_back(
    aws: LocalAws, deploy: Deploy, mount_targets: Look
) -> None:
    deploy()
    (file_system,) = file_systems(aws)
    before = mount_targets()
    result = deploy(performance_mode=efs.PerformanceMode.MAX_IO)
    assert result.status == "UPDATE_ROLLBACK_COMPLETE", result.failures
    reason = next(failure for failure in result.failures if failure.startswith("EfsReadiness"))
    assert f"would replace file system {file_system} by fs-" in reason
    assert "allow_replacement=True" in reason
    assert file_system in file_systems(aws)
    assert {target["MountTargetId"] for target in before.values()} <= {
        target["MountTargetId"]
        for target in aws.client("efs").describe_mount_targets(FileSystemId=file_system)["MountTargets"]
    }


def test_a_replacement_goes_through_when_it_is_allowed(aws: LocalAws, deploy: Deploy) -> None:
    deploy()
    (before,) = file_systems(aws)
    result = deploy(performance_mode=efs.PerformanceMode.MAX_IO, allow_replacement=True)
    assert result.status == "UPDATE_COMPLETE", result.failures
    (new,) = set(file_systems(aws)) - {before}
    assert any(event.physical_id == f"geuse-efs:{new}" for event in result.of(TYPE))
    assert before in file_systems(aws), "RETAIN keeps the old file system"


@pytest.mark.parametrize(("policy", "left"), [(RemovalPolicy.RETAIN, 1), (RemovalPolicy.DESTROY, 0)])
def test_deleting_the_stack_keeps_the_data_unless_told_otherwise(
    aws: LocalAws, deployer: Deployer, deploy: Deploy, mount_targets: Look, policy: RemovalPolicy, left: int
) -> None:
    deploy(removal_policy=policy)
    result = deployer.delete("Storage")
    assert result.status == "DELETE_COMPLETE", result.failures
    assert len(file_systems(aws)) == left
    assert mount_targets() == {}
