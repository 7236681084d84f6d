"""A file system of another owner, and stacks that adopt it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2

from local.emulator.local_aws import LocalAws
from tests.support.deployer import DeployResult

ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
Define = Callable[[Stack, ec2.IVpc, ec2.ISecurityGroup], object]
Adopt = Callable[..., DeployResult]


def isolated_vpc(stack: Stack) -> ec2.Vpc:
    """A new VPC with an isolated subnet in each zone."""
    isolated = ec2.SubnetConfiguration(name="Storage", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(
        stack,
        "Vpc",
        availability_zones=list(ZONES),
        nat_gateways=0,
        subnet_configuration=[isolated],
        restrict_default_security_group=False,
    )


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

    def by_zone(self) -> dict[str, str]:
        """The mount targets of the zones."""
        return {target["AvailabilityZoneName"]: target["MountTargetId"] for target in self.targets()}

    def check_nothing_is_left(self) -> None:
        """All is as it was before the first adoption, and no security group of one is there."""
        (described,) = self.efs.describe_file_systems(FileSystemId=self.file_system_id)["FileSystems"]
        assert described["Tags"] == []
        (foreign,) = self.targets()
        assert {foreign["MountTargetId"]} == self.foreign
        groups = self.efs.describe_mount_target_security_groups(MountTargetId=foreign["MountTargetId"])
        assert groups["SecurityGroups"] == [self.group]
        marked = [{"Name": "tag:geuse-efs:file-system", "Values": [self.file_system_id]}]
        assert self.aws.client("ec2").describe_security_groups(Filters=marked)["SecurityGroups"] == []


def refusal(result: DeployResult) -> str:
    """Why the adoption, or the waiting, was refused."""
    return next((text for text in result.failures if text.startswith(("EfsAdoption", "EfsReadiness"))), "")
