"""`MountTargetsReady` on the local AWS: a stack that is deployed already is given the waiter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aws_cdk import App, CfnOutput, Fn, Stack
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_

from geuse_efs import MountTargetsReady
from local.emulator.local_aws import LocalAws
from tests.integration.existing import ZONES, isolated_vpc
from tests.support.deployer import Deployer


def _assembly(app: App, *, waits: bool) -> Path:
    """A file system and a function that mounts it, with nothing of ours but, maybe, the waiter."""
    stack = Stack(app, "Storage")
    vpc = isolated_vpc(stack)
    files = efs.FileSystem(stack, "Files", vpc=vpc)
    point = files.add_access_point("Point", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))
    lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): pass"),
        vpc=vpc,
        filesystem=lambda_.FileSystem.from_efs_access_point(point, "/mnt/data"),
    )
    if waits:
        ready = MountTargetsReady(stack, "Ready", file_system=files)
        CfnOutput(stack, "Zones", value=Fn.join(",", [target.availability_zone for target in ready.mount_targets]))
    return Path(app.synth().directory)


def test_a_deployed_stack_gets_the_waiter_by_additions_alone(
    aws: LocalAws, deployer: Deployer, new_app: Callable[..., App]
) -> None:
    first = deployer.deploy(_assembly(new_app(), waits=False))
    assert first.succeeded, first.failures
    before = deployer.physical_ids("Storage")
    waiting = _assembly(new_app(), waits=True)
    changes = deployer.changes(waiting)
    assert changes == dict.fromkeys(changes, "Add")
    second = deployer.deploy(waiting)
    assert second.status == "UPDATE_COMPLETE", second.failures
    assert second.outputs["Zones"].split(",") == list(ZONES)
    after = deployer.physical_ids("Storage")
    assert after.keys() - before.keys() == changes.keys()
    assert {name: after[name] for name in before} == before
    interfaces = aws.client("ec2").describe_network_interfaces(
        Filters=[{"Name": "tag:Name", "Values": ["Storage/Files"]}]
    )["NetworkInterfaces"]
    assert {interface["AvailabilityZone"] for interface in interfaces} == set(ZONES)
