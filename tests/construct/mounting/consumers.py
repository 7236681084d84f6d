"""Every kind of consumer with its one line, in a stack of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from aws_cdk import CfnResource, Size, Stack, aws_efs, aws_iam
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_batch as batch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from geuse_efs import GeuseEfsBase

ISOLATED = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
AMAZON_LINUX = ec2.MachineImage.generic_linux({"us-east-1": "ami-0123456789abcdef0"})
SIZE = ec2.InstanceType("t3.micro")
IMAGE = ecs.ContainerImage.from_registry("public.ecr.aws/docker/library/busybox")

Consumer = Callable[..., None]


def role(scope: Construct, service: str = "ec2.amazonaws.com") -> aws_iam.Role:
    return aws_iam.Role(scope, "Role", assumed_by=aws_iam.ServicePrincipal(service))


def group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    return ec2.SecurityGroup(scope, "Group", vpc=vpc)


def instance(scope: Stack, vpc: ec2.IVpc, **options: Any) -> ec2.Instance:
    given = {"machine_image": AMAZON_LINUX, **options}
    return ec2.Instance(scope, "Host", vpc=vpc, vpc_subnets=ISOLATED, instance_type=SIZE, **given)


def on_instance(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    efs.mount_on(instance(scope, vpc), "/mnt/efs", **options)


def on_auto_scaling_group(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    host = autoscaling.AutoScalingGroup(
        scope, "Host", vpc=vpc, vpc_subnets=ISOLATED, instance_type=SIZE, machine_image=AMAZON_LINUX
    )
    efs.mount_on(host, "/mnt/efs", **options)


def on_launch_template(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    template = ec2.LaunchTemplate(
        scope,
        "Template",
        machine_image=AMAZON_LINUX,
        user_data=ec2.UserData.for_linux(),
        instance_type=SIZE,
        security_group=group(scope, vpc),
        role=role(scope),
    )
    efs.mount_on(template, "/mnt/efs", **options)
    autoscaling.AutoScalingGroup(scope, "Host", vpc=vpc, vpc_subnets=ISOLATED, launch_template=template)


def in_fargate(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    task = ecs.FargateTaskDefinition(scope, "Task")
    efs.mount_in(task.add_container("App", image=IMAGE), "/data", **options)
    cluster = ecs.Cluster(scope, "Cluster", vpc=vpc)
    # After the mount: who is let in is known at synthesis only.
    ecs.FargateService(scope, "Host", cluster=cluster, task_definition=task, vpc_subnets=ISOLATED)


def in_ecs_on_ec2(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    cluster = ecs.Cluster(scope, "Cluster", vpc=vpc)
    cluster.add_capacity("Capacity", vpc_subnets=ISOLATED, instance_type=SIZE, machine_image=AMAZON_LINUX)
    task = ecs.Ec2TaskDefinition(scope, "Task")
    container = task.add_container("App", image=IMAGE, memory_limit_mib=64)
    ecs.Ec2Service(scope, "Host", cluster=cluster, task_definition=task)
    efs.mount_in(container, "/data", **options)


def in_batch(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    environment = batch.FargateComputeEnvironment(scope, "Host", vpc=vpc, vpc_subnets=ISOLATED)
    job_role = role(scope, "ecs-tasks.amazonaws.com")
    volume = efs.batch_volume("/data", client=environment, job_role=job_role, **options)
    container = batch.EcsFargateContainerDefinition(
        scope, "Container", image=IMAGE, cpu=1, memory=Size.gibibytes(2), job_role=job_role, volumes=[volume]
    )
    batch.EcsJobDefinition(scope, "Job", container=container)


def by_persistent_volume(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    nodes = role(scope)
    manifest = efs.persistent_volume("data", client=group(scope, vpc), node_role=nodes, **options)
    CfnResource(scope, "Manifest", type="Custom::Manifest", properties={"Manifest": [manifest]})


def by_storage_class(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    nodes = role(scope)
    manifest = efs.storage_class("data", client=group(scope, vpc), node_role=nodes, **options)
    CfnResource(scope, "Manifest", type="Custom::Manifest", properties={"Manifest": [manifest]})


def by_manifest_of_a_cluster(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc, **options: Any) -> None:
    from aws_cdk import aws_eks_v2 as eks  # noqa: PLC0415, older versions have none

    layer = lambda_.LayerVersion.from_layer_version_arn(
        scope, "Layer", "arn:aws:lambda:us-east-1:111122223333:layer:kubectl:1"
    )
    cluster = eks.Cluster(
        scope,
        "Cluster",
        version=eks.KubernetesVersion.V1_31,
        vpc=vpc,
        vpc_subnets=[ISOLATED],
        default_capacity_type=eks.DefaultCapacityType.NODEGROUP,
        default_capacity=0,
        kubectl_provider_options=eks.KubectlProviderOptions(kubectl_layer=layer),
    )
    cluster.add_manifest("Data", efs.persistent_volume("data", client=cluster, node_role=role(scope), **options))


def function(
    scope: Construct, vpc: ec2.IVpc, access_point: aws_efs.IAccessPoint | None = None, construct_id: str = "Function"
) -> lambda_.Function:
    """A function in the VPC; with an access point, it mounts."""
    return lambda_.Function(
        scope,
        construct_id,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("pass"),
        vpc=vpc,
        filesystem=lambda_.FileSystem.from_efs_access_point(access_point, "/mnt/data") if access_point else None,
    )


def in_lambda(efs: GeuseEfsBase, scope: Stack, vpc: ec2.IVpc) -> None:
    function(scope, vpc, efs.access_point("App", path="/app", uid=1000, gid=1000), "Host")


CONSUMERS: dict[str, Consumer] = {
    consumer.__name__: consumer
    for consumer in (
        on_instance,
        on_auto_scaling_group,
        on_launch_template,
        in_fargate,
        in_ecs_on_ec2,
        in_batch,
        by_persistent_volume,
        by_storage_class,
        by_manifest_of_a_cluster,
        in_lambda,
    )
    if consumer is not by_manifest_of_a_cluster or find_spec("aws_cdk.aws_eks_v2")
}
