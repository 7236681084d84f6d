"""Mounts in containers of ECS and Batch: several volumes, and services whose instances are let in by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import Annotations, Size, Stack
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs

from geuse_efs import GeuseEfs
from tests.construct.mounting.consumers import AMAZON_LINUX, IMAGE, ISOLATED, SIZE
from tests.construct.templates import properties_of, warnings_of


def test_a_job_has_a_volume_per_directory(stack: Stack, vpc: ec2.IVpc) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc)
    volumes = [efs.batch_volume(path) for path in ("/models", "/data")]
    container = batch.EcsFargateContainerDefinition(
        stack, "Container", image=IMAGE, cpu=1, memory=Size.gibibytes(2), volumes=volumes
    )
    batch.EcsJobDefinition(stack, "Job", container=container)
    found = properties_of("AWS::Batch::JobDefinition", stack)["ContainerProperties"]["Volumes"]
    assert len({volume["Name"] for volume in found}) == len(found) == 2


def test_containers_of_one_task_may_sign_in_differently(stack: Stack, vpc: ec2.IVpc) -> None:
    efs, task = GeuseEfs(stack, "Efs", vpc=vpc), ecs.FargateTaskDefinition(stack, "Task")
    for name, iam in (("A", False), ("B", True), ("C", True)):
        efs.mount_in(task.add_container(name, image=IMAGE), "/data", iam=iam)
    properties = properties_of("AWS::ECS::TaskDefinition", stack)
    configurations = {volume["Name"]: volume["EFSVolumeConfiguration"] for volume in properties["Volumes"]}
    mounted = [container["MountPoints"][0]["SourceVolume"] for container in properties["ContainerDefinitions"]]
    found = [configurations[volume].get("AuthorizationConfig", {}).get("IAM") for volume in mounted]
    assert found == [None, "ENABLED", "ENABLED"]
    assert len(configurations) == len(properties["Volumes"]) == 2


def on_capacity_provider(stack: Stack, vpc: ec2.IVpc, task: ecs.TaskDefinition) -> None:
    group = autoscaling.AutoScalingGroup(
        stack, "Group", vpc=vpc, vpc_subnets=ISOLATED, instance_type=SIZE, machine_image=AMAZON_LINUX
    )
    cluster = ecs.Cluster(stack, "Cluster", vpc=vpc)
    cluster.add_asg_capacity_provider(ecs.AsgCapacityProvider(stack, "Provider", auto_scaling_group=group))
    ecs.Ec2Service(stack, "Service", cluster=cluster, task_definition=task)


def in_imported_cluster(stack: Stack, vpc: ec2.IVpc, task: ecs.TaskDefinition) -> None:
    cluster = ecs.Cluster.from_cluster_attributes(stack, "Cluster", cluster_name="theirs", vpc=vpc)
    ecs.Ec2Service(stack, "Service", cluster=cluster, task_definition=task)


@pytest.mark.parametrize("service", [on_capacity_provider, in_imported_cluster])
def test_a_service_without_a_security_group_gets_a_warning_that_says_what_to_let_in(
    stack: Stack, vpc: ec2.IVpc, service: Callable[..., None]
) -> None:
    efs, task = GeuseEfs(stack, "Efs", vpc=vpc), ecs.Ec2TaskDefinition(stack, "Task")
    efs.mount_in(task.add_container("App", image=IMAGE, memory_limit_mib=64), "/data")
    service(stack, vpc, task)
    found = [text for text in warnings_of(stack) if "allow(auto_scaling_group)" in text]
    assert [text.partition(" and ")[0] for text in found] == ["this service mounts Storage/Efs"]


def test_the_warning_can_be_acknowledged(stack: Stack, vpc: ec2.IVpc) -> None:
    efs, task = GeuseEfs(stack, "Efs", vpc=vpc), ecs.Ec2TaskDefinition(stack, "Task")
    efs.mount_in(task.add_container("App", image=IMAGE, memory_limit_mib=64), "/data")
    in_imported_cluster(stack, vpc, task)
    Annotations.of(stack).acknowledge_warning("geuse-efs:service-without-group")
    assert not [text for text in warnings_of(stack) if "allow(" in text]
