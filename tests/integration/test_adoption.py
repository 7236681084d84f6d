"""Adoption on the local AWS: the synthesised stack, its real Lambda, IAM evaluation on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from local.emulator.local_aws import LocalAws
from tests.integration.conftest import ZONES
from tests.support.deployer import Deployer, DeployResult

Adopt = Callable[..., DeployResult]


class Existing:
    """A VPC with a subnet in each of three zones, and a file system of another owner's with a mount target in the first."""

    def __init__(self, aws: LocalAws) -> None:
        self.aws, self.efs, ec2_client = aws, aws.client("efs"), aws.client("ec2")
        self.vpc_id = ec2_client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            ec2_client.modify_vpc_attribute(VpcId=self.vpc_id, **{attribute: {"Value": True}})
        self.subnets = {
            zone: ec2_client.create_subnet(VpcId=self.vpc_id, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)[
                "Subnet"
            ]["SubnetId"]
            for n, zone in enumerate(ZONES)
        }
        self.clients = self._group("clients")
        self.group = self._group("foreign")
        nfs = {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049}
        self.ingress = [{**nfs, "UserIdGroupPairs": [{"GroupId": self.clients}]}]
        ec2_client.authorize_security_group_ingress(GroupId=self.group, IpPermissions=self.ingress)
        self.file_system_id = self.efs.create_file_system(CreationToken="foreign", Encrypted=True)["FileSystemId"]
        self.efs.put_backup_policy(FileSystemId=self.file_system_id, BackupPolicy={"Status": "ENABLED"})
        self.efs.create_mount_target(
            FileSystemId=self.file_system_id, SubnetId=self.subnets[ZONES[0]], SecurityGroups=[self.group]
        )
        self.foreign = {target["MountTargetId"] for target in self.targets()}

    def _group(self, name: str) -> str:
        group: str = self.aws.client("ec2").create_security_group(GroupName=name, Description=name, VpcId=self.vpc_id)[
            "GroupId"
        ]
        return group

    def targets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.efs.describe_mount_targets(FileSystemId=self.file_system_id)["MountTargets"]
        return found

    def tags(self) -> dict[str, str]:
        (described,) = self.efs.describe_file_systems(FileSystemId=self.file_system_id)["FileSystems"]
        return {tag["Key"]: tag["Value"] for tag in described["Tags"]}

    def groups_of(self, mount_target_id: str) -> list[str]:
        answer = self.efs.describe_mount_target_security_groups(MountTargetId=mount_target_id)
        groups: list[str] = answer["SecurityGroups"]
        return groups


@pytest.fixture
def existing(aws: LocalAws) -> Existing:
    return Existing(aws)


@pytest.fixture
def adopt(deployer: Deployer, existing: Existing, tmp_path: Path) -> Adopt:
    """Deploy a stack that adopts the file system."""

    def run(**options: Any) -> DeployResult:
        app = App(analytics_reporting=False, outdir=str(tmp_path / "out"))
        stack = Stack(app, "Adopter")
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=existing.vpc_id,
            availability_zones=list(ZONES),
            isolated_subnet_ids=[existing.subnets[zone] for zone in ZONES],
            isolated_subnet_route_table_ids=["rtb-00000001", "rtb-00000002", "rtb-00000003"],
        )
        clients = ec2.SecurityGroup.from_security_group_id(stack, "Clients", existing.clients)
        GeuseEfs.adopt(
            stack,
            "Efs",
            file_system_id=existing.file_system_id,
            clients=[clients],
            vpc=vpc,
            **options,
        )
        return deployer.deploy(Path(app.synth().directory))

    return run


def test_only_what_is_missing_is_created_and_tagged_and_only_that_is_deleted(
    aws: LocalAws, existing: Existing, adopt: Adopt, deployer: Deployer
) -> None:
    result = adopt(deployment="demo")
    assert result.status == "CREATE_COMPLETE", result.failures
    targets = existing.targets()
    states = {target["AvailabilityZoneName"]: target["LifeCycleState"] for target in targets}
    assert states == dict.fromkeys(ZONES, "available")
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[target["NetworkInterfaceId"] for target in targets]
    )["NetworkInterfaces"]
    tagged = {interface["AvailabilityZone"] for interface in interfaces if interface["TagSet"]}
    assert tagged == {"us-east-1b", "us-east-1c"}
    (foreign,) = existing.foreign
    assert existing.groups_of(foreign) == [existing.group]
    deleted = deployer.delete("Adopter")
    assert deleted.status == "DELETE_COMPLETE", deleted.failures
    assert {target["MountTargetId"] for target in existing.targets()} == existing.foreign
    assert existing.groups_of(foreign) == [existing.group]
    assert existing.tags() == {}


def test_every_error_is_in_one_reason_and_nothing_is_changed(aws: LocalAws, existing: Existing, adopt: Adopt) -> None:
    aws.client("ec2").revoke_security_group_ingress(GroupId=existing.group, IpPermissions=existing.ingress)
    result = adopt(create_missing=False)
    assert result.status == "ROLLBACK_COMPLETE"
    reason = next(failure for failure in result.failures if failure.startswith("EfsAdoption"))
    for words in ("mount-target-missing us-east-1b", "mount-target-missing us-east-1c", "ingress-missing"):
        assert words in reason
    assert {target["MountTargetId"] for target in existing.targets()} == existing.foreign
    assert existing.tags() == {}
