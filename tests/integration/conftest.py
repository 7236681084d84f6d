"""A local AWS for the whole folder, as new for each test, and stacks to deploy to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from geuse_efs import GeuseEfs
from geuse_efs.waiter_function import CONSTRUCT_ID
from local.emulator.local_aws import LocalAws
from tests.integration.existing import ZONES, Adopt, Define, Existing, isolated_vpc
from tests.support.deployer import Deployer, DeployResult


@pytest.fixture
def aws(local_aws: LocalAws) -> LocalAws:
    """The local AWS, as if just started; mount targets are ready at once, and only tests of waiting wait."""
    local_aws.reset()
    local_aws.configure(mount_target_seconds=0)
    return local_aws


@pytest.fixture
def deployer(aws: LocalAws) -> Deployer:
    return Deployer(aws)


def storage_stack(app: App, zones: Sequence[str] = ZONES, **options: Any) -> None:
    """A stack with a VPC of isolated subnets and one `GeuseEfs` in it."""
    stack = Stack(app, "Storage")
    vpc = isolated_vpc(stack)
    clients = ec2.SecurityGroup(stack, "Clients", vpc=vpc)
    selection = ec2.SubnetSelection(availability_zones=list(zones))
    GeuseEfs(stack, "Efs", vpc=vpc, vpc_subnets=selection, clients=[clients], deployment="demo", **options)


@pytest.fixture
def deploy(deployer: Deployer, tmp_path: Path) -> Callable[..., DeployResult]:
    """Synthesise `storage_stack` with the options given and deploy it."""

    def run(**options: Any) -> DeployResult:
        app = App(analytics_reporting=False, outdir=str(tmp_path / f"out-{len(list(tmp_path.iterdir()))}"))
        storage_stack(app, **options)
        return deployer.deploy(Path(app.synth().directory))

    return run


@pytest.fixture
def mount_targets(aws: LocalAws) -> Callable[[], dict[str, dict[str, Any]]]:
    """All mount targets of all file systems, by AZ."""

    def look() -> dict[str, dict[str, Any]]:
        efs = aws.client("efs")
        names = [file_system["FileSystemId"] for file_system in efs.describe_file_systems()["FileSystems"]]
        found = [efs.describe_mount_targets(FileSystemId=name)["MountTargets"] for name in names]
        return {target["AvailabilityZoneName"]: target for targets in found for target in targets}

    return look


@pytest.fixture
def existing(aws: LocalAws) -> Existing:
    return Existing(aws)


@pytest.fixture
def deploy_beside(
    deployer: Deployer, existing: Existing, new_app: Callable[[], App]
) -> Callable[[str, Define], DeployResult]:
    """Deploy a stack with what is defined in the VPC, for the clients."""

    def run(name: str, define: Define) -> DeployResult:
        app = new_app()
        stack = Stack(app, name)
        vpc = ec2.Vpc.from_vpc_attributes(
            stack,
            "Vpc",
            vpc_id=existing.vpc_id,
            availability_zones=list(ZONES),
            isolated_subnet_ids=[existing.subnets[zone] for zone in ZONES],
            isolated_subnet_route_table_ids=["rtb-00000001", "rtb-00000002", "rtb-00000003"],
        )
        define(stack, vpc, ec2.SecurityGroup.from_security_group_id(stack, "Clients", existing.clients))
        # Whoever lives on another's mount targets waits seven times as long before the first success.
        waiter = stack.node.find_child(CONSTRUCT_ID).node.find_child("Function")
        assert isinstance(waiter, lambda_.Function)
        waiter.add_environment("GEUSE_EFS_QUIET_SECONDS", "1")
        return deployer.deploy(Path(app.synth().directory))

    return run


@pytest.fixture
def adopt(deploy_beside: Callable[[str, Define], DeployResult], existing: Existing) -> Adopt:
    """Deploy a stack that adopts the file system, or another one."""

    def run(name: str = "Adopter", zones: Sequence[str] = ZONES, **options: Any) -> DeployResult:
        given = {"file_system_id": existing.file_system_id, **options}
        selection = ec2.SubnetSelection(availability_zones=list(zones))
        return deploy_beside(
            name,
            lambda stack, vpc, clients: GeuseEfs.adopt(
                stack, "Efs", vpc=vpc, vpc_subnets=selection, clients=[clients], **given
            ),
        )

    return run
