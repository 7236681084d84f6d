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
from tests.support.deployer import Deployer, DeployResult

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
Adopt = Callable[..., DeployResult]


class Existing:
    """A VPC with a subnet in each of three zones, and a file system of another owner's with a mount target in some."""

    def __init__(self, aws: LocalAws, covered: tuple[str, ...] = ("us-east-1a",)) -> None:
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
        source = {"GroupId": self.clients}
        ec2_client.authorize_security_group_ingress(
            GroupId=self.group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [source]}],
        )
        self.file_system_id = self.efs.create_file_system(CreationToken="foreign", Encrypted=True)["FileSystemId"]
        self.efs.put_backup_policy(FileSystemId=self.file_system_id, BackupPolicy={"Status": "ENABLED"})
        for zone in covered:
            self.efs.create_mount_target(
                FileSystemId=self.file_system_id, SubnetId=self.subnets[zone], SecurityGroups=[self.group]
            )
        self.foreign = {target["MountTargetId"] for target in self.targets()}

    def _group(self, name: str) -> str:
        group: str = self.aws.client("ec2").create_security_group(GroupName=name, Description=name, VpcId=self.vpc_id)[
            "GroupId"
        ]
        return group

    def targets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.efs.describe_mount_targets(FileSystemId=self.file_system_id, MaxItems=100)[
            "MountTargets"
        ]
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
def adopt(aws: LocalAws, deployer: Deployer, existing: Existing, tmp_path: Path) -> Adopt:
    """Deploy a stack that adopts the file system."""

    def run(name: str = "Adopter", zones: tuple[str, ...] = ZONES, **options: Any) -> DeployResult:
        app = App(analytics_reporting=False, outdir=str(tmp_path / f"out-{len(list(tmp_path.iterdir()))}"))
        stack = Stack(app, name)
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
            **{"file_system_id": existing.file_system_id, "clients": [clients], **options},
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(availability_zones=list(zones)),
        )
        return deployer.deploy(Path(app.synth().directory))

    return run


def test_only_what_is_missing_is_created_and_only_that_is_deleted(
    existing: Existing, adopt: Adopt, deployer: Deployer
) -> None:
    result = adopt()
    assert result.status == "CREATE_COMPLETE", result.failures
    assert {target["AvailabilityZoneName"]: target["LifeCycleState"] for target in existing.targets()} == dict.fromkeys(
        ZONES, "available"
    )
    (foreign,) = existing.foreign
    assert existing.groups_of(foreign) == [existing.group]
    deleted = deployer.delete("Adopter")
    assert deleted.status == "DELETE_COMPLETE", deleted.failures
    assert {target["MountTargetId"] for target in existing.targets()} == existing.foreign
    assert existing.groups_of(foreign) == [existing.group]
    assert existing.tags() == {}


def test_every_error_is_in_one_reason_and_nothing_is_changed(aws: LocalAws, existing: Existing, adopt: Adopt) -> None:
    aws.client("ec2").revoke_security_group_ingress(
        GroupId=existing.group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 2049,
                "ToPort": 2049,
                "UserIdGroupPairs": [{"GroupId": existing.clients}],
            }
        ],
    )
    result = adopt(create_missing=False)
    assert result.status == "ROLLBACK_COMPLETE"
    reason = next(failure for failure in result.failures if failure.startswith("EfsAdoption"))
    assert "mount-target-missing" in reason
    assert "ingress-missing" in reason
    assert "us-east-1b" in reason
    assert "us-east-1c" in reason
    assert {target["MountTargetId"] for target in existing.targets()} == existing.foreign
    assert existing.tags() == {}


def test_a_zone_that_another_adoption_uses_is_handed_over(existing: Existing, adopt: Adopt, deployer: Deployer) -> None:
    assert adopt("First").succeeded
    # The second one's clients are let in by no group of the first: a warning here, the deployment's own business.
    second = adopt("Second", zones=("us-east-1b",))
    assert second.succeeded, second.failures
    made = {target["AvailabilityZoneName"]: target["MountTargetId"] for target in existing.targets()}
    before = existing.groups_of(made["us-east-1b"])
    assert deployer.delete("First").status == "DELETE_COMPLETE"
    left = {target["AvailabilityZoneName"]: target["MountTargetId"] for target in existing.targets()}
    assert left == {"us-east-1a": made["us-east-1a"], "us-east-1b": made["us-east-1b"]}
    assert existing.groups_of(made["us-east-1b"]) != before
    assert deployer.delete("Second").status == "DELETE_COMPLETE"
    assert {target["MountTargetId"] for target in existing.targets()} == existing.foreign
    assert existing.tags() == {}


def test_what_was_created_can_be_retained(existing: Existing, adopt: Adopt, deployer: Deployer) -> None:
    adopt(retain_created=True)
    assert deployer.delete("Adopter").status == "DELETE_COMPLETE"
    assert len(existing.targets()) == 3
    assert existing.tags() == {}


def test_zones_can_be_added_and_removed(existing: Existing, adopt: Adopt) -> None:
    adopt(zones=("us-east-1a", "us-east-1b"))
    result = adopt(zones=("us-east-1a", "us-east-1c"))
    assert result.status == "UPDATE_COMPLETE", result.failures
    assert {target["AvailabilityZoneName"] for target in existing.targets()} == {"us-east-1a", "us-east-1c"}


def test_only_interfaces_of_our_making_are_tagged(aws: LocalAws, existing: Existing, adopt: Adopt) -> None:
    adopt(deployment="demo")
    interfaces = aws.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=[target["NetworkInterfaceId"] for target in existing.targets()]
    )["NetworkInterfaces"]
    tagged = {interface["AvailabilityZone"] for interface in interfaces if interface["TagSet"]}
    assert tagged == {"us-east-1b", "us-east-1c"}
