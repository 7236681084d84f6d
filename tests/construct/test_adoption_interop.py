"""Whatever uses an adopted file system waits for the custom resource, and nothing waits for itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aws_cdk import App, CfnOutput, CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from geuse_efs import GeuseEfs, GeuseEfsBase
from tests.construct.adopting import adopt, group
from tests.construct.mounting.consumers import function
from tests.construct.templates import (
    FUNCTION,
    INGRESS,
    READINESS,
    SECURITY_GROUP,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    resources_of,
)


def _mounting(scope: Construct, vpc: ec2.IVpc, access_point: efs.IAccessPoint) -> lambda_.Function:
    return function(scope, vpc, access_point, "Consumer")


def _access_point(storage: GeuseEfsBase) -> efs.AccessPoint:
    return storage.add_access_point("Data", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))


def _instance(stack: Stack, vpc: ec2.IVpc) -> ec2.Instance:
    return ec2.Instance(
        stack,
        "Consumer",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )


def _before(stack: Stack, resource_type: str) -> set[str]:
    """The types of all that is created before the consumer."""
    resources = resources_of(stack)
    [name] = [name for name in of_type(resources, resource_type) if name.startswith("Consumer")]
    return {resources[before]["Type"] for before in everything_before(resources, name)}


@pytest.mark.parametrize("given", [False, True])
def test_a_function_that_mounts_an_access_point_depends_on_the_custom_resource_itself(
    *, given: bool, stack: Stack, vpc: ec2.IVpc
) -> None:
    storage = adopt(stack, vpc, security_groups=[group(stack)] if given else None)
    _mounting(stack, vpc, _access_point(storage))
    resources = resources_of(stack)
    [adoption] = of_type(resources, READINESS)
    [function] = [function for name, function in of_type(resources, FUNCTION).items() if name.startswith("Consumer")]
    assert adoption in function["DependsOn"]
    assert in_a_cycle(resources) == []


def test_a_function_that_mounts_an_access_point_is_let_in(stack: Stack, vpc: ec2.IVpc) -> None:
    _mounting(stack, vpc, _access_point(adopt(stack, vpc)))
    assert {READINESS, INGRESS} <= _before(stack, FUNCTION)


def test_a_function_that_mounts_an_access_point_adds_no_ingress_to_groups_given(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = adopt(stack, vpc, security_groups=[group(stack)])
    _mounting(stack, vpc, _access_point(storage))
    [rule] = of_type(resources_of(stack), INGRESS).values()
    assert rule["Properties"]["GroupId"] == stack.resolve(storage.security_group.security_group_id)


def test_a_function_in_another_stack_can_mount_an_access_point(app: App) -> None:
    producer, consumer = Stack(app, "Producer"), Stack(app, "Reader")
    _mounting(consumer, import_vpc(consumer), _access_point(adopt(producer, import_vpc(producer))))
    app.synth()
    assert consumer.dependencies == [producer]


@pytest.mark.parametrize("as_declared_client", [False, True])
def test_what_depends_on_available_mount_targets_waits_and_makes_no_cycle(
    *, as_declared_client: bool, stack: Stack, vpc: ec2.IVpc
) -> None:
    instance = _instance(stack, vpc)
    storage = adopt(stack, vpc, clients=[instance] if as_declared_client else [])
    if not as_declared_client:
        storage.connections.allow_default_port_from(instance)
    # The group of the instance is named in the custom resource: the instance waits for it, its group does not.
    instance.instance.node.add_dependency(storage.mount_targets_available)
    assert READINESS in _before(stack, "AWS::EC2::Instance")
    assert in_a_cycle(resources_of(stack)) == []


def _depends_on_everything(function: lambda_.Function, storage: GeuseEfsBase) -> None:
    function.node.add_dependency(storage)


def _depends_on_mount_targets(function: lambda_.Function, storage: GeuseEfsBase) -> None:
    function.node.add_dependency(storage.mount_targets_available)


@pytest.mark.parametrize("depend", [_depends_on_mount_targets, _depends_on_everything])
def test_a_mounting_function_that_depends_on_the_adoption_makes_no_cycle(
    depend: Callable[[lambda_.Function, GeuseEfsBase], None], stack: Stack, vpc: ec2.IVpc
) -> None:
    storage = adopt(stack, vpc)
    depend(_mounting(stack, vpc, _access_point(storage)), storage)
    assert in_a_cycle(resources_of(stack)) == []


@pytest.mark.parametrize("attribute", ["file_system_id", "dns_name"])
def test_what_reads_an_attribute_waits(attribute: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value = getattr(adopt(stack, vpc), attribute)
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert READINESS in _before(stack, "AWS::SSM::Parameter")


@pytest.mark.parametrize(
    "attribute",
    [
        *("mount_target_id", "availability_zone_id", "subnet_id", "ip_address", "ipv6_address"),
        *("network_interface_id", "dns_name"),
    ],
)
def test_what_reads_an_attribute_of_a_mount_target_waits(attribute: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value = getattr(adopt(stack, vpc).mount_targets[2], attribute)
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert READINESS in _before(stack, "AWS::SSM::Parameter")


def test_the_arn_does_not_wait(stack: Stack, vpc: ec2.IVpc) -> None:
    value = adopt(stack, vpc).file_system_arn
    CfnResource(stack, "Consumer", type="AWS::SSM::Parameter", properties={"Type": "String", "Value": value})
    assert READINESS not in _before(stack, "AWS::SSM::Parameter")


def test_the_group_of_our_making_outlives_the_adoption(stack: Stack, vpc: ec2.IVpc) -> None:
    # Deleted in the opposite order: a group in use by a mount target cannot be deleted.
    adopt(stack, vpc)
    resources = resources_of(stack)
    [adoption], [own] = of_type(resources, READINESS), of_type(resources, SECURITY_GROUP)
    assert own in everything_before(resources, adoption)


def test_adoptions_do_not_wait_for_each_other(stack: Stack, vpc: ec2.IVpc) -> None:
    for number in range(2):
        GeuseEfs.adopt(stack, f"Efs{number}", file_system_id=f"fs-0000000{number}", vpc=vpc)
    resources = resources_of(stack)
    first, second = of_type(resources, READINESS)
    assert first not in everything_before(resources, second)
    assert second not in everything_before(resources, first)


def test_an_access_point_to_be_checked_is_there_before_the_check(stack: Stack, vpc: ec2.IVpc) -> None:
    point = efs.CfnAccessPoint(stack, "Point", file_system_id="fs-0123456789abcdef0")
    named = efs.AccessPoint.from_access_point_id(stack, "Named", point.ref)
    adopt(stack, vpc, access_points=[named])
    resources = resources_of(stack)
    [adoption] = of_type(resources, READINESS)
    assert "Point" in everything_before(resources, adoption)
    assert in_a_cycle(resources) == []


def test_another_stack_can_read_everything(app: App) -> None:
    producer, consumer = Stack(app, "Producer"), Stack(app, "Reader")
    storage = adopt(producer, import_vpc(producer))
    read = {"Id": storage.file_system_id, "Dns": storage.dns_name, "Ip": storage.mount_targets[0].ip_address}
    for name, value in read.items():
        CfnOutput(consumer, name, value=value)
    outputs = app.synth().get_stack_by_name("Producer").template["Outputs"]
    [adoption] = of_type(resources_of(producer), READINESS)
    exported = [output["Value"]["Fn::GetAtt"] for output in outputs.values()]
    assert sorted(exported) == [[adoption, "FileSystemId"], [adoption, "us-east-1a.IpAddress"]]
