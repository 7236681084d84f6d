"""An adoption reads the groups of its clients: none of them may wait for what waits for the adoption."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import Stack, aws_iam
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from geuse_efs import GeuseEfsBase
from tests.construct.adopting import adopt
from tests.construct.mounting.consumers import AMAZON_LINUX, IMAGE, ISOLATED, SIZE
from tests.construct.templates import READINESS, everything_before, in_a_cycle, of_type, resources_of


def _host(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase, construct_id: str = "Host") -> ec2.Instance:
    host = ec2.Instance(
        scope, construct_id, vpc=vpc, vpc_subnets=ISOLATED, instance_type=SIZE, machine_image=AMAZON_LINUX
    )
    efs.mount_on(host, "/mnt/efs")
    return host


def _service(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase, **options: object) -> ecs.FargateService:
    task = ecs.FargateTaskDefinition(scope, "Task")
    efs.mount_in(task.add_container("App", image=IMAGE), "/data", **options)  # type: ignore[arg-type]
    cluster = ecs.Cluster(scope, "Cluster", vpc=vpc)
    return ecs.FargateService(scope, "Service", cluster=cluster, task_definition=task, vpc_subnets=ISOLATED)


def _function(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase, name: str) -> lambda_.Function:
    point = efs.access_point(name, path=f"/{name}", uid=1, gid=1)
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("pass"),
        vpc=vpc,
        filesystem=lambda_.FileSystem.from_efs_access_point(point, "/mnt/data"),
    )


def _task_role_that_may_mount(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    _service(scope, vpc, efs, iam=True, access_point=efs.access_point("Point", path="/web", uid=1, gid=1))


def _task_role_that_names_the_id(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    statement = aws_iam.PolicyStatement(actions=["elasticfilesystem:Describe*"], resources=[efs.file_system_id])
    _service(scope, vpc, efs).task_definition.add_to_task_role_policy(statement)


def _host_after_another(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    _host(scope, vpc, efs).node.add_dependency(_host(scope, vpc, efs, "First"))


def _service_after_a_host(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    _service(scope, vpc, efs).node.add_dependency(_host(scope, vpc, efs))


def _function_after_another(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    _function(scope, vpc, efs, "Second").node.add_dependency(_function(scope, vpc, efs, "First"))


def _host_after_an_access_point(scope: Construct, vpc: ec2.IVpc, efs: GeuseEfsBase) -> None:
    _host(scope, vpc, efs).node.add_dependency(efs.access_point("Point", path="/web", uid=1, gid=1))


@pytest.mark.parametrize(
    "define",
    [
        _task_role_that_may_mount,
        _task_role_that_names_the_id,
        _host_after_another,
        _service_after_a_host,
        _function_after_another,
        _host_after_an_access_point,
    ],
)
def test_a_client_that_waits_for_what_waits_for_the_adoption_makes_no_cycle(
    define: Callable[[Construct, ec2.IVpc, GeuseEfsBase], None], stack: Stack, vpc: ec2.IVpc
) -> None:
    define(stack, vpc, adopt(stack, vpc))
    resources = resources_of(stack)
    assert in_a_cycle(resources) == []
    for leaf in ("AWS::EC2::Instance", "AWS::ECS::Service"):
        for name in of_type(resources, leaf):
            assert of_type(resources, READINESS).keys() <= everything_before(resources, name)
