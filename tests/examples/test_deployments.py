"""Deploys each example to the local AWS and destroys it. IAM is evaluated, the waiter is the real one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.emulator.local_aws import LocalAws
from tests.examples.examples import NAMES, REGION, synthesise
from tests.support.deployer import Deployer

pytestmark = pytest.mark.check

UNKNOWN = {"batch": "MiniStack's CloudFormation has no AWS::Batch types"}
"""What the local AWS cannot deploy."""


@pytest.fixture
def aws(local_aws: LocalAws) -> LocalAws:
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    return local_aws


@pytest.fixture
def existing(aws: LocalAws) -> dict[str, Any]:
    """A VPC, and a file system in it that has a mount target in one of two zones."""
    ec2, efs = aws.client("ec2"), aws.client("efs")
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
    subnets = {
        zone: ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate((f"{REGION}a", f"{REGION}b"))
    }
    group, nodes = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc_id)["GroupId"] for name in ("mt", "nodes")
    )
    file_system_id = efs.create_file_system(CreationToken="existing", Encrypted=True)["FileSystemId"]
    efs.put_backup_policy(FileSystemId=file_system_id, BackupPolicy={"Status": "ENABLED"})
    efs.create_mount_target(FileSystemId=file_system_id, SubnetId=subnets[f"{REGION}a"], SecurityGroups=[group])
    ids = {"file_system_id": file_system_id, "mount_target_group_id": group, "node_group_id": nodes}
    return {"vpc_id": vpc_id, "subnets": subnets, **ids}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in UNKNOWN])
def test_an_example_is_deployed_and_destroyed(
    name: str, aws: LocalAws, existing: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembly = synthesise(name, tmp_path, monkeypatch, existing)
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    stacks = [
        artifact
        for artifact, item in artifacts.items()
        if item["type"] == "aws:cloudformation:stack" and item["environment"].endswith((REGION, "unknown-region"))
    ]
    deployer = Deployer(aws)
    for stack in stacks:
        deployed = deployer.deploy(assembly, stack, timeout=180)
        assert deployed.status == "CREATE_COMPLETE", deployed.failures
    for stack in reversed(stacks):
        destroyed = deployer.delete(stack, timeout=180)
        assert destroyed.status == "DELETE_COMPLETE", destroyed.failures
