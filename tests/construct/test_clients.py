"""Clients from anywhere: the rule is in the client's stack, what runs there waits for it, and no stack waits for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import App, Environment, NestedStack, Stack, Stage
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from geuse_efs import GeuseEfs, GeuseEfsBase, WaiterFunction
from tests.construct.adopting import adopt, group, known
from tests.construct.mounting.consumers import AMAZON_LINUX, IMAGE, ISOLATED, SIZE, function, role
from tests.construct.templates import (
    INGRESS,
    READINESS,
    SECURITY_GROUP,
    everything_before,
    import_vpc,
    in_a_cycle,
    of_type,
    properties_of,
    resources_of,
)

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


def _stacks(app: Stage, place: str) -> tuple[Stack, Stack, Stack]:
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


def _auto_scaling_group(scope: Stack, vpc: ec2.IVpc) -> ec2.IConnectable:
    return autoscaling.AutoScalingGroup(
        scope, "Group", vpc=vpc, vpc_subnets=ISOLATED, instance_type=SIZE, machine_image=AMAZON_LINUX
    )


def _launch_template(scope: Stack, vpc: ec2.IVpc) -> ec2.IConnectable:
    own = ec2.SecurityGroup(scope, "Own", vpc=vpc)
    return ec2.LaunchTemplate(
        scope, "Template", instance_type=SIZE, machine_image=AMAZON_LINUX, security_group=own, role=role(scope)
    )


def _service(scope: Stack, vpc: ec2.IVpc) -> ec2.IConnectable:
    task = ecs.FargateTaskDefinition(scope, "Task")
    task.add_container("App", image=IMAGE)
    cluster = ecs.Cluster(scope, "Cluster", vpc=vpc)
    return ecs.FargateService(scope, "Service", cluster=cluster, task_definition=task, vpc_subnets=ISOLATED)


KINDS: dict[Callable[[Stack, ec2.IVpc], ec2.IConnectable], str] = {
    _auto_scaling_group: "AWS::AutoScaling::AutoScalingGroup",
    _launch_template: "AWS::EC2::LaunchTemplate",
    _service: "AWS::ECS::Service",
}


@pytest.mark.parametrize("of", [App, Stage])
@pytest.mark.parametrize("place", ["A A B", "A A.N B.N"])
@pytest.mark.parametrize(("kind", "leaf"), KINDS.items())
def test_each_kind_of_client_in_a_second_stack_waits_for_its_rule(
    kind: Callable[[Stack, ec2.IVpc], ec2.IConnectable], leaf: str, place: str, of: type[Stage], app: App
) -> None:
    vpc_stack, storage_stack, client_stack = _stacks(app if of is App else Stage(app, "Prod"), place)
    vpc = _own_vpc(vpc_stack)
    GeuseEfs(storage_stack, "Efs", vpc=vpc).allow(kind(client_stack, vpc))
    app.synth()
    resources = resources_of(client_stack)
    [rule], [name] = of_type(resources, INGRESS), of_type(resources, leaf)
    assert rule in everything_before(resources, name)
    assert in_a_cycle(resources) == []


def test_an_imported_client_in_two_stacks_has_one_rule_beside_the_file_system(app: App) -> None:
    storage_stack, *client_stacks = (Stack(app, name) for name in "ABC")
    vpc = import_vpc(storage_stack)
    storage = GeuseEfs(storage_stack, "Efs", vpc=vpc)
    for stack in client_stacks:
        storage.mount_on(_instance(stack, vpc, security_group=group(stack)), "/mnt/efs")
    app.synth()
    assert [len(of_type(resources_of(stack), INGRESS)) for stack in (storage_stack, *client_stacks)] == [1, 0, 0]


def _two_file_systems(stack: Stack, vpc: ec2.IVpc) -> None:
    client = group(stack, "2")
    for name in ("One", "Other"):
        GeuseEfs(stack, f"{name}Efs", vpc=vpc, security_groups=[group(Construct(stack, name))], clients=[client])


def _by_construct_and_by_id(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[group(stack, "2"), ec2.Peer.security_group_id("sg-22222222")])


def _by_id_and_by_construct(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[ec2.Peer.security_group_id("sg-22222222"), group(stack, "2")])


@pytest.mark.parametrize("define", [_two_file_systems, _by_construct_and_by_id, _by_id_and_by_construct])
def test_a_group_imported_twice_has_one_rule(
    define: Callable[[Stack, ec2.IVpc], None], stack: Stack, vpc: ec2.IVpc
) -> None:
    define(stack, vpc)
    resources = resources_of(stack)
    within = [own["Properties"].get("SecurityGroupIngress", []) for own in of_type(resources, SECURITY_GROUP).values()]
    assert len(of_type(resources, INGRESS)) + sum(map(len, within)) == 1


def test_a_group_imported_twice_is_one_security_group(stack: Stack, vpc: ec2.IVpc) -> None:
    twice = [group(stack), group(Construct(stack, "Again"))]
    with pytest.raises(ValueError, match="security_groups has 2 entries, 1 of them different"):
        GeuseEfs(stack, "Efs", vpc=vpc, security_groups=twice)


def _key(_storage: Stack, clients: Stack, _vpc: ec2.IVpc) -> dict[str, Any]:
    return {"kms_key": kms.Key(clients, "Key")}


def _role_of_the_waiter(storage: Stack, clients: Stack, _vpc: ec2.IVpc) -> dict[str, Any]:
    WaiterFunction.configure(storage, role=role(clients, "lambda.amazonaws.com"))
    return {}


def _group_of_the_waiter(storage: Stack, clients: Stack, vpc: ec2.IVpc) -> dict[str, Any]:
    own = ec2.SecurityGroup(clients, "Own", vpc=vpc)
    WaiterFunction.configure(storage, vpc=vpc, vpc_subnets=ISOLATED, security_groups=[own])
    return {}


def _said(storage: Stack, clients: Stack, _vpc: ec2.IVpc) -> dict[str, Any]:
    storage.node.add_dependency(clients)
    return {}


@pytest.mark.parametrize("needed", [_key, _role_of_the_waiter, _group_of_the_waiter, _said])
def test_a_client_in_a_stack_that_the_file_system_needs_makes_no_cycle(
    needed: Callable[[Stack, Stack, ec2.IVpc], dict[str, Any]], app: App
) -> None:
    storage_stack, client_stack = Stack(app, "A"), Stack(app, "B")
    vpc = import_vpc(storage_stack)
    props = needed(storage_stack, client_stack, vpc)
    GeuseEfs(storage_stack, "Efs", vpc=vpc, clients=[_instance(client_stack, vpc)], **props)
    app.synth()
    assert len(of_type(resources_of(storage_stack), INGRESS)) == 1


def _in_another_stage(app: App) -> tuple[Stack, Stack]:
    return known(Stage(app, "One")), known(Stage(app, "Other"))


def _in_another_region(app: App) -> tuple[Stack, Stack]:
    return known(app, "eu-west-1", "Other"), known(app)


def _in_another_account(app: App) -> tuple[Stack, Stack]:
    return Stack(app, "Other", env=Environment(account="444455556666", region="us-east-1")), known(app)


@pytest.mark.parametrize(
    ("stacks", "message"),
    [
        (
            _in_another_stage,
            "client Other/Known/.* is in the stage Other, the file system One/Known/Efs in One; no rule",
        ),
        (_in_another_region, r"client Known/.* is in the region us-east-1, .* in eu-west-1; .*ec2\.Peer\.ipv4\("),
        (_in_another_account, "client Known/.* is in the account 111122223333, .* in 444455556666; no rule"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_in_another_stage_account_or_region_is_refused(
    kind: Callable[[Stack, ec2.IVpc], ec2.IConnectable],
    stacks: Callable[[App], tuple[Stack, Stack]],
    message: str,
    app: App,
) -> None:
    here, there = stacks(app)
    storage = GeuseEfs(here, "Efs", vpc=import_vpc(here))
    with pytest.raises(ValueError, match=message):
        storage.allow(kind(there, import_vpc(there)))


def _function(scope: Stack, vpc: ec2.IVpc, storage: GeuseEfsBase) -> lambda_.Function:
    point = storage.add_access_point("Point", path="/data", posix_user=efs.PosixUser(uid="1", gid="1"))
    return function(scope, vpc, point)


LATER: dict[str, Callable[[Stack, ec2.IVpc, GeuseEfsBase], Any]] = {
    "allow": lambda stack, vpc, storage: storage.allow(_instance(stack, vpc)),
    "allow a peer": lambda _stack, _vpc, storage: storage.allow(ec2.Peer.ipv4("10.7.0.0/16")),
    "connections": lambda stack, vpc, storage: storage.connections.allow_default_port_from(_instance(stack, vpc)),
    "client's connections": lambda stack, vpc, storage: _instance(stack, vpc).connections.allow_to_default_port(
        storage
    ),
    "peer": lambda _stack, _vpc, storage: storage.connections.allow_default_port_from(ec2.Peer.ipv4("10.7.0.0/16")),
    "function with an access point": _function,
}


@pytest.mark.parametrize("later", LATER.values(), ids=LATER)
def test_an_adoption_evaluates_a_client_that_comes_later(
    later: Callable[[Stack, ec2.IVpc, GeuseEfsBase], Any], stack: Stack, vpc: ec2.IVpc
) -> None:
    later(stack, vpc, adopt(stack, vpc))
    [source] = properties_of(READINESS, stack)["Adopt"]["Clients"]
    assert source == "10.7.0.0/16" or source["Fn::GetAtt"][1] == "GroupId"


@pytest.mark.parametrize("admitting", [True, False])
def test_a_client_that_waits_for_the_adoption_as_a_whole_makes_no_cycle(
    *, admitting: bool, stack: Stack, vpc: ec2.IVpc
) -> None:
    instance = _instance(stack, vpc)
    storage = adopt(stack, vpc, clients=[instance], admit_through=group(stack) if admitting else None)
    instance.node.add_dependency(storage.mount_targets_available)
    resources = resources_of(stack)
    [name] = of_type(resources, INSTANCE)
    assert of_type(resources, READINESS).keys() <= everything_before(resources, name)
    assert in_a_cycle(resources) == []


def test_admit_through_lets_clients_into_the_group_given_before_they_are_evaluated(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, admit_through=group(stack, "7")).allow(_instance(stack, vpc))
    resources = resources_of(stack)
    rules = of_type(resources, INGRESS)
    [adoption] = of_type(resources, READINESS)
    assert "sg-77777777" in [rule["Properties"]["GroupId"] for rule in rules.values()]
    assert rules.keys() <= everything_before(resources, adoption)


def test_a_client_in_a_later_stack_is_admitted_and_said_not_to_be_evaluated(app: App) -> None:
    storage_stack, client_stack = Stack(app, "A"), Stack(app, "B")
    adopt(storage_stack, import_vpc(storage_stack)).allow(_instance(client_stack, import_vpc(client_stack)))
    Annotations.from_stack(storage_stack).has_warning(
        "*", Match.string_like_regexp("does not check whether B/Instance")
    )
    assert len(of_type(resources_of(client_stack), INGRESS)) == 1


@pytest.mark.parametrize(
    ("client", "source"),
    [
        (lambda stack, _: group(stack, "2"), "sg-22222222"),
        (lambda _, __: ec2.Peer.ipv4("10.7.0.0/16"), "10.7.0.0/16"),
        (_instance, "Storage/Instance/InstanceSecurityGroup"),
    ],
)
def test_an_immutable_group_is_warned_of(
    client: Callable[[Stack, ec2.IVpc], ec2.IConnectable], source: str, stack: Stack, vpc: ec2.IVpc
) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=[group(stack, mutable=False)], clients=[client(stack, vpc)])
    needed = f"sg-11111111.*admits tcp 2049 from {source}"
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp(needed))
    assert of_type(resources_of(stack), INGRESS) == {}


def test_an_immutable_client_that_lets_nothing_out_is_warned_of(stack: Stack, vpc: ec2.IVpc) -> None:
    closed = ec2.SecurityGroup.from_security_group_id(
        stack, "Closed", "sg-11111111", mutable=False, allow_all_outbound=False
    )
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[closed])
    Annotations.from_stack(stack).has_warning("*", Match.string_like_regexp("sg-11111111.*lets out tcp 2049 to "))


def test_admit_through_an_immutable_group_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="admit_through is Storage/Group1, which was imported with mutable=False"):
        adopt(stack, vpc, admit_through=group(stack, mutable=False))


def test_a_client_without_a_group_is_refused(stack: Stack, vpc: ec2.IVpc) -> None:
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("pass"),
    )
    for client in (function, ec2.Connections()):
        with pytest.raises(ValueError, match=r"has no security group .*; give it a VPC or a security group"):
            GeuseEfs(stack, f"Efs{client is function}", vpc=vpc).allow(client)


def test_a_closed_client_is_let_out_and_waits_for_that(stack: Stack, vpc: ec2.IVpc) -> None:
    closed = ec2.SecurityGroup(stack, "Closed", vpc=vpc, allow_all_outbound=False)
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[_instance(stack, vpc, security_group=closed)])
    resources = resources_of(stack)
    [name], [rule] = of_type(resources, INSTANCE), of_type(resources, "AWS::EC2::SecurityGroupEgress")
    assert rule in everything_before(resources, name)


def test_a_client_waits_for_a_rule_that_the_user_has_defined_already(stack: Stack, vpc: ec2.IVpc) -> None:
    storage, host = GeuseEfs(stack, "Efs", vpc=vpc), _instance(stack, vpc)
    [own], [client] = storage.connections.security_groups, host.connections.security_groups
    own.add_ingress_rule(client, ec2.Port.tcp(2049))
    storage.allow(host)
    resources = resources_of(stack)
    [name], [rule] = of_type(resources, INSTANCE), of_type(resources, INGRESS)
    assert rule in everything_before(resources, name)
