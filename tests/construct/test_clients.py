"""Clients from anywhere: the rule is at the client, what runs there waits for it, and no stack waits for itself."""

from __future__ import annotations


import pytest
from aws_cdk import App, NestedStack, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from tests.construct.templates import INGRESS, everything_before, in_a_cycle, of_type, resources_of

INSTANCE = "AWS::EC2::Instance"


def _instance(scope: Stack, vpc: ec2.IVpc, **props: Any) -> ec2.Instance:
    return ec2.Instance(
        scope,
        "Instance",
        vpc=vpc,
        instance_type=ec2.InstanceType("t3.nano"),
        machine_image=ec2.MachineImage.generic_linux({"us-east-1": "ami-12345678"}, user_data=ec2.UserData.for_linux()),
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        **props,
    )


def _own_vpc(scope: Stack) -> ec2.IVpc:
    isolated = ec2.SubnetConfiguration(name="Data", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return ec2.Vpc(scope, "Vpc", nat_gateways=0, subnet_configuration=[isolated])


def _stacks(app: App, place: str) -> tuple[Stack, Stack, Stack]:
    """Where the VPC, the file system and the client are; the first two letters tell the stacks, a dot a nested stack."""
    made: dict[str, Stack] = {}

    def stack(path: str) -> Stack:
        parent, _, name = path.rpartition(".")
        if path not in made:
            made[path] = NestedStack(stack(parent), name) if parent else Stack(app, name)
        return made[path]

    vpc, storage, client = map(stack, place.split())
    return vpc, storage, client


PLACES = [
    "A A A",
    "A A B",
    "A A B.N",
    "A A A.N",
    "A A.N A",
    "A B A",
    "A.M B A.N",
    "A A.N A.M",
    "A.M A.N A.M",
    "A B C.N",
]


@pytest.mark.parametrize("before", [True, False], ids=["clients", "allow"])
@pytest.mark.parametrize("place", PLACES)
def test_a_client_anywhere_waits_for_its_rule_and_makes_no_cycle(place: str, *, before: bool, app: App) -> None:
    vpc_stack, storage_stack, client_stack = _stacks(app, place)
    vpc = _own_vpc(vpc_stack)
    instance = _instance(client_stack, vpc)
    storage = GeuseEfs(storage_stack, "Efs", vpc=vpc, clients=[instance] if before else [])
    storage.allow(instance)
    app.synth()
    [resources] = [found for found in map(resources_of, {storage_stack, client_stack}) if of_type(found, INGRESS)]
    assert len(of_type(resources, INGRESS)) == 1
    assert in_a_cycle(resources) == []
    for name in of_type(resources, INSTANCE):
        assert of_type(resources, INGRESS).keys() <= everything_before(resources, name)
