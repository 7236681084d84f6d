"""Whatever uses the file system waits for its mount targets, and nothing waits for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from aws_cdk import App, CfnResource, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from geuse_efs import GeuseEfs
from tests.construct.mounting.consumers import ISOLATED, function
from tests.construct.templates import (
    FUNCTION,
    INGRESS,
    MOUNT_TARGET,
    READINESS,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    resources_of,
)


def _access_point(storage: GeuseEfs) -> efs.AccessPoint:
    return storage.add_access_point(
        "Data",
        path="/data",
        posix_user=efs.PosixUser(uid="1000", gid="1000"),
        create_acl=efs.Acl(owner_uid="1000", owner_gid="1000", permissions="750"),
    )


def _function(scope: Construct, vpc: ec2.IVpc, access_point: efs.IAccessPoint | None = None) -> lambda_.Function:
    return function(scope, vpc, access_point, "Consumer")


def _mounting_function(stack: Stack, vpc: ec2.IVpc, storage: GeuseEfs) -> Construct:
    return _function(stack, vpc, _access_point(storage))


def _instance(stack: Stack, vpc: ec2.IVpc, storage: GeuseEfs) -> Construct:
    instance = ec2.Instance(
        stack,
        "Consumer",
        vpc=vpc,
        vpc_subnets=ISOLATED,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    storage.connections.allow_default_port_from(instance)
    return instance


def _auto_scaling_group(stack: Stack, vpc: ec2.IVpc, storage: GeuseEfs) -> Construct:
    group = autoscaling.AutoScalingGroup(
        stack,
        "Consumer",
        vpc=vpc,
        vpc_subnets=ISOLATED,
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
    storage.connections.allow_default_port_from(group)
    return group


def _service(stack: Stack, vpc: ec2.IVpc, storage: GeuseEfs) -> Construct:
    task = ecs.FargateTaskDefinition(stack, "Task")
    task.add_container("Main", image=ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/busybox"))
    task.add_volume(
        name="data",
        efs_volume_configuration=ecs.EfsVolumeConfiguration(
            file_system_id=storage.file_system_id, transit_encryption="ENABLED"
        ),
    )
    service = ecs.FargateService(
        stack, "Consumer", cluster=ecs.Cluster(stack, "Cluster", vpc=vpc), task_definition=task, vpc_subnets=ISOLATED
    )
    storage.connections.allow_default_port_from(service)
    return service


Consumer = Callable[[Stack, ec2.IVpc, GeuseEfs], Construct]
CONSUMERS: Mapping[str, tuple[Consumer, str]] = {
    "function": (_mounting_function, FUNCTION),
    "instance": (_instance, "AWS::EC2::Instance"),
    "auto scaling group": (_auto_scaling_group, "AWS::AutoScaling::AutoScalingGroup"),
    "service": (_service, "AWS::ECS::Service"),
}
consumers = pytest.mark.parametrize("consumer", CONSUMERS)


def _before(stack: Stack, resource_type: str, prefix: str = "Consumer") -> set[str]:
    """The types of all that is created before the consumer."""
    resources = resources_of(stack)
    [name] = [name for name in of_type(resources, resource_type) if name.startswith(prefix)]
    return {resources[before]["Type"] for before in everything_before(resources, name)}


def test_a_function_that_mounts_an_access_point_waits(stack: Stack, vpc: ec2.IVpc) -> None:
    _mounting_function(stack, vpc, GeuseEfs(stack, "Efs", vpc=vpc))
    assert {READINESS, MOUNT_TARGET, INGRESS} <= _before(stack, FUNCTION)


def test_a_function_that_mounts_an_access_point_depends_on_the_custom_resource_itself(
    stack: Stack, vpc: ec2.IVpc
) -> None:
    _mounting_function(stack, vpc, GeuseEfs(stack, "Efs", vpc=vpc))
    resources = resources_of(stack)
    [readiness] = of_type(resources, READINESS)
    [function] = [function for name, function in of_type(resources, FUNCTION).items() if name.startswith("Consumer")]
    assert readiness in function["DependsOn"]


def test_a_function_in_another_stack_can_mount_an_access_point(app: App) -> None:
    producer, consumer = Stack(app, "Producer"), Stack(app, "Reader")
    storage = GeuseEfs(producer, "Efs", vpc=import_vpc(producer))
    _function(consumer, import_vpc(consumer), _access_point(storage))
    app.synth()
    assert consumer.dependencies == [producer]


def test_a_function_that_mounts_nothing_does_not_wait(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    _function(stack, vpc)
    assert READINESS not in _before(stack, FUNCTION)


@consumers
def test_what_depends_on_available_mount_targets_waits(consumer: str, stack: Stack, vpc: ec2.IVpc) -> None:
    define, resource_type = CONSUMERS[consumer]
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    define(stack, vpc, storage).node.add_dependency(storage.mount_targets_available)
    assert {READINESS, MOUNT_TARGET} <= _before(stack, resource_type)


@consumers
def test_what_depends_on_available_mount_targets_makes_no_cycle(consumer: str, stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    CONSUMERS[consumer][0](stack, vpc, storage).node.add_dependency(storage.mount_targets_available)
    assert in_a_cycle(resources_of(stack)) == []


def test_the_search_for_cycles_finds_one() -> None:
    depends = {"Type": "T", "DependsOn": "B"}
    assert in_a_cycle({"A": depends, "B": {"Type": "T", "Properties": {"Of": {"Ref": "A"}}}}) != []


def test_a_task_definition_with_a_volume_waits(stack: Stack, vpc: ec2.IVpc) -> None:
    _service(stack, vpc, GeuseEfs(stack, "Efs", vpc=vpc))
    assert {READINESS, MOUNT_TARGET} <= _before(stack, "AWS::ECS::TaskDefinition", "Task")


@pytest.mark.parametrize("attribute", ["file_system_id", "dns_name"])
def test_what_reads_an_attribute_waits(attribute: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value = getattr(GeuseEfs(stack, "Efs", vpc=vpc), attribute)
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert {READINESS, MOUNT_TARGET} <= _before(stack, "AWS::SSM::Parameter")


@pytest.mark.parametrize(
    "attribute",
    [
        *("mount_target_id", "availability_zone_id", "subnet_id", "ip_address", "ipv6_address"),
        *("network_interface_id", "dns_name"),
    ],
)
def test_what_reads_an_attribute_of_a_mount_target_waits(attribute: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value = getattr(GeuseEfs(stack, "Efs", vpc=vpc).mount_targets[2], attribute)
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert {READINESS, MOUNT_TARGET} <= _before(stack, "AWS::SSM::Parameter")


def test_the_arn_does_not_wait(stack: Stack, vpc: ec2.IVpc) -> None:
    value = GeuseEfs(stack, "Efs", vpc=vpc).file_system_arn
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert READINESS not in _before(stack, "AWS::SSM::Parameter")


def test_file_systems_do_not_wait_for_each_other(stack: Stack, vpc: ec2.IVpc) -> None:
    for name in ("One", "Two"):
        GeuseEfs(stack, name, vpc=vpc)
    resources = resources_of(stack)
    assert in_a_cycle(resources) == []
    first, second = of_type(resources, READINESS)
    assert first not in everything_before(resources, second)
    assert second not in everything_before(resources, first)
