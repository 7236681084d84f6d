"""The waiter alone behind a file system of the CDK: only additions, and what uses the file system by it waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Duration, NestedStack, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from geuse_efs import GeuseEfs, MountTargetsReady
from geuse_efs.file_system_policy import MOUNT, ROOT, WRITE
from tests.construct.adopting import ID, group
from tests.construct.mounting.consumers import CONSUMERS, ISOLATED, function, instance
from tests.construct.templates import (
    FILE_SYSTEM,
    FUNCTION,
    INGRESS,
    LOG_GROUP,
    MOUNT_TARGET,
    POLICY,
    READINESS,
    ROLE,
    ZONES,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    properties_of,
    resources_of,
    tags_of,
)

ORDER_INSENSITIVE = "@aws-cdk/aws-efs:mountTargetOrderInsensitiveLogicalId"


def _own_vpc(stack: Stack) -> ec2.IVpc:
    isolated = ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(stack, "Vpc", nat_gateways=0, subnet_configuration=[isolated])


def _file_system(stack: Stack, vpc: ec2.IVpc, **props: Any) -> efs.FileSystem:
    return efs.FileSystem(stack, "Files", vpc=vpc, **{"vpc_subnets": ISOLATED, **props})


def _in_production(stack: Stack, vpc: ec2.IVpc, **props: Any) -> efs.FileSystem:
    """As the CDK's own documentation has it: an instance that is let in, a function with an access point, an output."""
    files = _file_system(stack, vpc, **props)
    files.connections.allow_default_port_from(instance(stack, vpc))
    point = files.add_access_point("Point", path="/data", posix_user=efs.PosixUser(uid="1000", gid="1000"))
    function(stack, vpc, point)
    CfnOutput(stack, "Id", value=files.file_system_id)
    return files


PRODUCTION: dict[str, tuple[dict[str, bool], Callable[[Stack], ec2.IVpc], dict[str, Any]]] = {
    "new VPC": ({}, _own_vpc, {}),
    "new VPC, mount targets called by their subnets": ({ORDER_INSENSITIVE: True}, _own_vpc, {}),
    "imported VPC": ({ORDER_INSENSITIVE: True}, import_vpc, {}),
    "one zone": ({}, import_vpc, {"one_zone": True, "vpc_subnets": None}),
}


@pytest.mark.parametrize(("flags", "vpc_of", "props"), PRODUCTION.values(), ids=PRODUCTION)
def test_a_stack_in_production_gets_additions_only(
    flags: dict[str, bool], vpc_of: Callable[[Stack], ec2.IVpc], props: dict[str, Any], new_app: Callable[..., App]
) -> None:
    def template(*, waits: bool) -> dict[str, Any]:
        stack = Stack(new_app(flags), "Storage")
        files = _in_production(stack, vpc_of(stack), **props)
        if waits:
            MountTargetsReady(stack, "Ready", file_system=files)
        return dict(Template.from_stack(stack).to_json())

    before, after = template(waits=False), template(waits=True)
    added = {name: after["Resources"].pop(name) for name in after["Resources"].keys() - before["Resources"].keys()}
    assert {resource["Type"] for resource in added.values()} == {READINESS, FUNCTION, ROLE, POLICY, LOG_GROUP}
    # Of what mounts already, no property: CloudFormation updates nothing for a DependsOn alone (aws-cdk#21496).
    for resource in after["Resources"].values():
        if waited_for := resource.get("DependsOn"):
            resource["DependsOn"] = [name for name in waited_for if name not in added]
    assert after == before
    [readiness] = of_type(added, READINESS).values()
    targets = of_type(before["Resources"], MOUNT_TARGET)
    assert sorted(ref["Ref"] for ref in readiness["Properties"]["MountTargets"].values()) == sorted(targets)


def _depends(ready: MountTargetsReady, stack: Stack, vpc: ec2.IVpc) -> None:
    instance(stack, vpc).node.add_dependency(ready)


def _function_of_before(ready: MountTargetsReady, stack: Stack, vpc: ec2.IVpc) -> None:
    function(stack, vpc, efs.AccessPoint(stack, "Point", file_system=ready.file_system))


def _function(ready: MountTargetsReady, stack: Stack, vpc: ec2.IVpc) -> None:
    function(stack, vpc, ready.access_point("Point", path="/data", uid=1000, gid=1000))


USES: dict[str, tuple[Callable[[MountTargetsReady, Stack, ec2.IVpc], object], str]] = {
    "depends on it": (_depends, "AWS::EC2::Instance"),
    "a function with an access point of the L2": (_function_of_before, FUNCTION),
    "a function with an access point": (_function, FUNCTION),
    "an access point": (lambda ready, _, __: efs.AccessPoint(ready, "P", file_system=ready), "AWS::EFS::AccessPoint"),
    "mounts on an instance": (CONSUMERS["on_instance"], "AWS::EC2::Instance"),
    "mounts in a service": (CONSUMERS["in_fargate"], "AWS::ECS::Service"),
    "mounts in a job": (CONSUMERS["in_batch"], "AWS::Batch::JobDefinition"),
}


@pytest.mark.parametrize("vpc_of", [_own_vpc, import_vpc])
@pytest.mark.parametrize(("use", "resource_type"), USES.values(), ids=USES)
def test_what_uses_it_waits(
    use: Callable[[MountTargetsReady, Stack, ec2.IVpc], object],
    resource_type: str,
    vpc_of: Callable[[Stack], ec2.IVpc],
    stack: Stack,
) -> None:
    vpc = vpc_of(stack)
    use(MountTargetsReady(stack, "Ready", file_system=_file_system(stack, vpc)), stack, vpc)
    resources = resources_of(stack)
    [readiness] = of_type(resources, READINESS)
    assert [name for name in of_type(resources, resource_type) if readiness in everything_before(resources, name)]
    assert in_a_cycle(resources) == []


def test_a_client_that_the_file_system_let_in_is_not_let_in_twice(stack: Stack, vpc: ec2.IVpc) -> None:
    files, host = _file_system(stack, vpc), instance(stack, vpc)
    files.connections.allow_default_port_from(host)
    ready = MountTargetsReady(stack, "Ready", file_system=files)
    ready.mount_on(host, "/mnt/efs")
    ready.connections.allow_default_port_from(host)
    resources = resources_of(stack)
    [rule], [name] = of_type(resources, INGRESS), of_type(resources, "AWS::EC2::Instance")
    assert rule in everything_before(resources, name)


def test_a_client_in_the_stack_of_the_vpc_makes_no_cycle(app: App) -> None:
    network, storage = Stack(app, "Network"), Stack(app, "Storage")
    vpc = _own_vpc(network)
    MountTargetsReady(storage, "Ready", file_system=_file_system(storage, vpc)).allow(instance(network, vpc))
    assert len(of_type(resources_of(storage), INGRESS)) == 1


def test_the_tags_of_file_system_and_stack_reach_the_mount_targets(app: App) -> None:
    stack = Stack(app, "Storage", tags={"team": "storage"})
    MountTargetsReady(stack, "Ready", file_system=_file_system(stack, import_vpc(stack), file_system_name="files"))
    Tags.of(stack).add("stage", "prod")
    assert tags_of(properties_of(READINESS, stack)) == {"Name": "files", "stage": "prod", "team": "storage"}


def test_the_waiter_is_told_how_long_it_waits_and_what_it_lets_pass(stack: Stack, vpc: ec2.IVpc) -> None:
    MountTargetsReady(
        stack,
        "Ready",
        file_system=_file_system(stack, vpc),
        wait_timeout=Duration.minutes(10),
        allow_replacement=True,
    )
    told = {"WaitTimeoutSeconds": 600, "AllowReplacement": True, "AllowDeletionWhileAdopted": False}
    assert told.items() <= properties_of(READINESS, stack).items()


def test_a_mount_target_is_in_the_zone_that_the_waiter_finds(stack: Stack, vpc: ec2.IVpc) -> None:
    ready = MountTargetsReady(stack, "Ready", file_system=_file_system(stack, vpc))
    [readiness] = Template.from_stack(stack).find_resources(READINESS)
    zones = {"Fn::GetAtt": [readiness, "AvailabilityZones"]}
    assert stack.resolve([target.availability_zone for target in ready.mount_targets]) == [
        {"Fn::Select": [place, {"Fn::Split": [",", zones]}]} for place in range(3)
    ]
    with pytest.raises(ValueError, match="the VPC of Storage/Ready is imported"):
        _ = ready.vpc


def test_a_grant_that_would_lock_all_others_out_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    files, other = _file_system(stack, vpc), iam.AccountPrincipal("444455556666")
    with pytest.raises(ValueError, match=r"the only statement in the policy of Storage/Files, and deny every client"):
        MountTargetsReady(stack, "Ready", file_system=files).grant_read(other)


def test_a_grant_to_another_account_is_added_to_the_policy_that_is_there(stack: Stack, vpc: ec2.IVpc) -> None:
    files = _file_system(stack, vpc)
    files.add_to_resource_policy(iam.PolicyStatement(principals=[iam.AnyPrincipal()], actions=[MOUNT, WRITE, ROOT]))
    MountTargetsReady(stack, "Ready", file_system=files).grant_read(iam.AccountPrincipal("444455556666"))
    statements = properties_of(FILE_SYSTEM, stack)["FileSystemPolicy"]["Statement"]
    assert [statement["Action"] for statement in statements] == [[MOUNT, WRITE, ROOT], MOUNT]


LONG = "PrivateSubnetForTheStorageOfTheWholeCompanyInZone"


@pytest.mark.parametrize("names", [(f"{LONG}One", f"{LONG}Two"), ("東1", "西1"), ("Subnet_1", "Subnet1")])
def test_mount_targets_whose_names_give_one_key_are_told_apart(
    names: tuple[str, str], new_app: Callable[..., App]
) -> None:
    stack = Stack(new_app({ORDER_INSENSITIVE: True}), "Storage")
    vpc = import_vpc(stack)
    subnets = [
        ec2.Subnet(stack, name, vpc_id=vpc.vpc_id, availability_zone=zone, cidr_block=f"10.0.{index}.0/24")
        for index, (name, zone) in enumerate(zip(names, ZONES, strict=False))
    ]
    files = _file_system(stack, vpc, vpc_subnets=ec2.SubnetSelection(subnets=subnets))
    MountTargetsReady(stack, "Ready", file_system=files)
    waited_for = properties_of(READINESS, stack)["MountTargets"].values()
    assert sorted(target["Ref"] for target in waited_for) == sorted(of_type(resources_of(stack), MOUNT_TARGET))


def _imported(stack: Stack, vpc: ec2.IVpc) -> efs.IFileSystem:
    return efs.FileSystem.from_file_system_attributes(stack, "Files", file_system_id=ID, security_group=group(stack))


def _taken(stack: Stack, vpc: ec2.IVpc) -> efs.IFileSystem:
    files = _file_system(stack, vpc)
    MountTargetsReady(stack, "First", file_system=files)
    return files


MISTAKES: dict[str, tuple[Callable[[Stack, ec2.IVpc], Any], str]] = {
    "imported": (_imported, r"Storage/Files is an imported file system.*use GeuseEfs\.adopt"),
    "another stack": (
        lambda stack, vpc: _file_system(Stack(stack, "Other"), vpc),
        "Storage/Other/Files is in the stack Storage/Other, Storage/Ready in Storage; define it in the stack of the file",
    ),
    "a nested stack": (lambda stack, vpc: _file_system(NestedStack(stack, "N"), vpc), "is in the stack Storage/N"),
    "twice": (_taken, "Storage/Files is waited for by Storage/First already"),
    "waits already": (lambda stack, vpc: GeuseEfs(stack, "Efs", vpc=vpc), "Storage/Efs waits for its mount targets al"),
    "waited for already": (
        lambda stack, vpc: GeuseEfs(stack, "Efs", vpc=vpc).file_system,
        "Storage/Efs/FileSystem is waited for by Storage/Efs already; use that one",
    ),
    "no mount target": (
        lambda stack, vpc: _file_system(stack, vpc, vpc_subnets=ec2.SubnetSelection(subnets=[])),
        "Storage/Files has no mount target of its own",
    ),
    "an L1": (
        lambda stack, _: efs.CfnFileSystem(stack, "F"),
        r"file_system is a CfnFileSystem, allowed is aws_efs\.IF",
    ),
    "an id": (
        lambda _, __: ID,
        "file_system is 'fs-0123456789abcdef0', allowed is aws_efs.IFileSystem; give for example",
    ),
}


@pytest.mark.parametrize(("given", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused(
    given: Callable[[Stack, ec2.IVpc], Any], message: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    with pytest.raises(ValueError, match=message):
        MountTargetsReady(stack, "Ready", file_system=given(stack, vpc))
