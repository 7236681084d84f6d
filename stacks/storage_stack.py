"""The storage of one deployment: a VPC, new or existing, and a file system in it."""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Size, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms
from constructs import Construct

from geuse_efs import GeuseEfs
from stacks.settings import Settings


class StorageStack(Stack):
    """Composes the VPC, the clients' security group and `GeuseEfs`, and outputs what an engineer needs to mount."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            f"geuse-efs-{settings.environment}",
            env=Environment(account=settings.account, region=settings.region),
            description=f"Shared storage of the deployment {settings.deployment}",
        )
        vpc = self._vpc(settings)
        clients = self._clients(settings, vpc)
        key = kms.Key.from_key_arn(self, "Key", settings.kms_key_arn) if settings.kms_key_arn else None
        common: dict[str, Any] = {
            "vpc": vpc,
            "clients": clients,
            "kms_key": key,
            "allow_public_subnets": settings.allow_public_subnets,
            "deployment": settings.deployment,
            "tier": settings.tier,
            "wait_timeout": Duration.minutes(settings.wait_timeout_minutes),
        }
        if settings.existing_file_system_id:
            storage = GeuseEfs.adopt(self, "Efs", file_system_id=settings.existing_file_system_id, **common)
        else:
            storage = GeuseEfs(
                self,
                "Efs",
                one_zone=settings.one_zone,
                performance_mode=_PERFORMANCE[settings.performance_mode],
                throughput_mode=_THROUGHPUT[settings.throughput_mode],
                provisioned_throughput_per_second=_size(settings.provisioned_throughput_mibps),
                enable_automatic_backups=settings.backups,
                removal_policy=(
                    RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.keep_data else RemovalPolicy.DESTROY
                ),
                **common,
            )
        self._output("VpcId", vpc.vpc_id, "The VPC of the mount targets")
        self._output("FileSystemId", storage.file_system_id, "Known when the mount targets are available")
        self._output("DnsName", storage.dns_name, "The mount target in the client's own availability zone")
        self._output(
            "MountCommand", f"mount -t efs -o tls {storage.file_system_id}:/ /mnt/efs", "With amazon-efs-utils"
        )
        self._output("SecurityGroupId", storage.security_group.security_group_id, "The group of the mount targets")
        self._output("Warnings", storage.warnings, "What the last deployment found and went on with; empty if nothing")
        for number, client in enumerate(clients, start=1):
            self._output(f"ClientSecurityGroupId{number}", client.security_group_id, "Put it on instances that mount")

    def _vpc(self, settings: Settings) -> ec2.IVpc:
        if settings.vpc_id:
            return ec2.Vpc.from_lookup(self, "Vpc", vpc_id=settings.vpc_id)
        return ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(settings.vpc_cidr),
            availability_zones=list(settings.availability_zones) or None,
            nat_gateways=0,
            subnet_configuration=[
                # Who needs a public address asks for one; nobody gets one without knowing (AWS Security Hub EC2.15).
                ec2.SubnetConfiguration(
                    name="Public", subnet_type=ec2.SubnetType.PUBLIC, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="Storage", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            ],
            # The CDK would define a second custom resource for it; nothing here uses the default group.
            restrict_default_security_group=False,
        )

    def _clients(self, settings: Settings, vpc: ec2.IVpc) -> list[ec2.ISecurityGroup]:
        if settings.client_security_group_ids:
            return [
                ec2.SecurityGroup.from_security_group_id(self, f"Client-{group}", group, mutable=False)
                for group in settings.client_security_group_ids
            ]
        return [ec2.SecurityGroup(self, "Clients", vpc=vpc, description="Instances that mount the file system")]

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)


_PERFORMANCE = {
    "generalPurpose": efs.PerformanceMode.GENERAL_PURPOSE,
    "maxIO": efs.PerformanceMode.MAX_IO,
}
_THROUGHPUT = {
    "bursting": efs.ThroughputMode.BURSTING,
    "elastic": efs.ThroughputMode.ELASTIC,
    "provisioned": efs.ThroughputMode.PROVISIONED,
}


def _size(mebibytes: int | None) -> Size | None:
    return None if mebibytes is None else Size.mebibytes(mebibytes)
