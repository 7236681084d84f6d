"""The create path on the local AWS: the synthesised stack, its real Lambda, IAM evaluation on."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from collections.abc import Callable
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_efs as efs

from local.emulator.local_aws import LocalAws
from tests.integration.existing import ZONES
from tests.support.deployer import Deployer, DeployResult

TYPE = "Custom::GeuseEfsMountTargets"
Deploy = Callable[..., DeployResult]
Look = Callable[[], dict[str, dict[str, Any]]]


def file_systems(aws: LocalAws) -> list[str]:
    return [found["FileSystemId"] for found in aws.client("efs").describe_file_systems()["FileSystems"]]


def test_a_stack_is_complete_only_when_every_mount_target_is_available_and_tagged(
    aws: LocalAws, deploy: Deploy, mount_targets: Look
) -> None:
    aws.configure(mount_target_seconds=1.5)
    result = deploy(tier="prod", tags={"owner": "storage team"})
    assert result.status == "CREATE_COMPLETE", result.failures
    found = mount_targets()
    assert {zone: target["LifeCycleState"] for zone, target in found.items()} == dict.fromkeys(ZONES, "available")
    (described,) = aws.client("efs").describe_file_systems()["FileSystems"]
    assert result.of(TYPE)[-1].physical_id == f"geuse-efs:{described['FileSystemId']}"
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[target["NetworkInterfaceId"] for target in found.values()]
    )["NetworkInterfaces"]
    for tags in [described["Tags"], *(interface["TagSet"] for interface in interfaces)]:
        assert {tag["Key"]: tag["Value"] for tag in tags if not tag["Key"].startswith("aws:")} == {
            "Name": "Storage/Efs",
            "geusemaker:created-by": "geuse-efs",
            "geusemaker:deployment": "demo",
            "geusemaker:tier": "prod",
            "owner": "storage team",
        }


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


def test_an_update_in_place_keeps_the_file_system_the_physical_id_and_the_mount_targets_that_stay(
    aws: LocalAws, deploy: Deploy, mount_targets: Look
) -> None:
    first = deploy(zones=ZONES[:2])
    before, kept = file_systems(aws), mount_targets()["us-east-1b"]["MountTargetId"]
    second = deploy(zones=ZONES[1:], throughput_mode=efs.ThroughputMode.ELASTIC, tier="prod")
    assert second.status == "UPDATE_COMPLETE", second.failures
    assert file_systems(aws) == before
    assert second.of(TYPE)[-1].physical_id == first.of(TYPE)[-1].physical_id
    found = mount_targets()
    assert set(found) == {"us-east-1b", "us-east-1c"}
    assert found["us-east-1b"]["MountTargetId"] == kept
    assert found["us-east-1c"]["LifeCycleState"] == "available"


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


def test_deleting_the_stack_keeps_the_data(
    aws: LocalAws, deployer: Deployer, deploy: Deploy, mount_targets: Look
) -> None:
    deploy()
    result = deployer.delete("Storage")
    assert result.status == "DELETE_COMPLETE", result.failures
    assert len(file_systems(aws)) == 1
    assert mount_targets() == {}
