"""Who is to mount an adopted file system: told to the waiter as text, and let into a group of our making only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import CfnParameter, Stack
from aws_cdk import aws_ec2 as ec2

from tests.construct.adopting import ID, adopt, group
from tests.construct.mounting.consumers import function
from tests.construct.templates import INGRESS, READINESS, SECURITY_GROUP, of_type, properties_of, resources_of, the

Source = tuple[str, Any]


def _clients(stack: Stack) -> Any:
    return properties_of(READINESS, stack)["Adopt"]["Clients"]


def _sources(stack: Stack) -> list[Source]:
    """Who is let in on tcp 2049, by rules within our group and beside it."""
    resources = resources_of(stack)
    rules = [rule["Properties"] for rule in of_type(resources, INGRESS).values()]
    for resource in of_type(resources, SECURITY_GROUP).values():
        rules += resource["Properties"].get("SecurityGroupIngress", [])
    assert all((rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2049, 2049) for rule in rules)
    words = ("CidrIp", "CidrIpv6", "SourcePrefixListId", "SourceSecurityGroupId")
    return [(word, rule[word]) for rule in rules for word in words if word in rule]


def _parameter(stack: Stack) -> str:
    return CfnParameter(stack, "Given").value_as_string


CLIENTS: Mapping[str, tuple[Callable[[Stack], ec2.IConnectable], Source]] = {
    "security group": (group, ("SourceSecurityGroupId", "sg-11111111")),
    "security group as a peer": (
        lambda _: ec2.Peer.security_group_id("sg-22222222"),
        ("SourceSecurityGroupId", "sg-22222222"),
    ),
    "IPv4": (lambda _: ec2.Peer.ipv4("10.1.0.0/16"), ("CidrIp", "10.1.0.0/16")),
    "IPv6": (lambda _: ec2.Peer.ipv6("2001:db8::/64"), ("CidrIpv6", "2001:db8::/64")),
    "prefix list": (lambda _: ec2.Peer.prefix_list("pl-0123456789"), ("SourcePrefixListId", "pl-0123456789")),
    "token": (lambda stack: ec2.Peer.ipv4(_parameter(stack)), ("CidrIp", {"Ref": "Given"})),
    "prefix list known at deployment": (
        lambda stack: ec2.Peer.prefix_list(_parameter(stack)),
        ("SourcePrefixListId", {"Ref": "Given"}),
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_told_to_the_waiter(client: str, stack: Stack, vpc: ec2.IVpc) -> None:
    define, (_, text) = CLIENTS[client]
    adopt(stack, vpc, clients=[define(stack)])
    assert _clients(stack) == [text]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_is_let_into_a_group_of_our_making(client: str, stack: Stack, vpc: ec2.IVpc) -> None:
    define, source = CLIENTS[client]
    adopt(stack, vpc, clients=[define(stack)])
    assert _sources(stack) == [source]


def _instance(stack: Stack, vpc: ec2.IVpc) -> ec2.Instance:
    return ec2.Instance(
        stack,
        "Instance",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )


@pytest.mark.parametrize("define", [_instance, function])
def test_something_with_a_group_of_its_own_is_told_by_its_group(
    define: Callable[[Stack, ec2.IVpc], ec2.IConnectable], stack: Stack, vpc: ec2.IVpc
) -> None:
    client = define(stack, vpc)
    adopt(stack, vpc, clients=[client])
    source = stack.resolve(client.connections.security_groups[0].security_group_id)
    assert _clients(stack) == [source]
    assert ("SourceSecurityGroupId", source) in _sources(stack)


def test_every_group_of_a_client_is_told(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, clients=[ec2.Connections(security_groups=[group(stack, "1"), group(stack, "2")])])
    assert _clients(stack) == ["sg-11111111", "sg-22222222"]


def test_clients_are_told_in_the_order_given(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, clients=[ec2.Peer.ipv4("10.1.0.0/16"), group(stack), ec2.Peer.ipv6("2001:db8::/64")])
    assert _clients(stack) == ["10.1.0.0/16", "sg-11111111", "2001:db8::/64"]


@pytest.mark.parametrize("retained", [False, True])
def test_what_is_kept_keeps_its_group(*, retained: bool, stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc, retain_created=retained)
    own = the(SECURITY_GROUP, stack)
    kept = ("RetainExceptOnCreate", "Retain") if retained else (None, None)
    assert (own.get("DeletionPolicy"), own.get("UpdateReplacePolicy")) == kept


def test_a_group_of_our_making_lets_nothing_out_and_nobody_in(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    own = properties_of(SECURITY_GROUP, stack)
    assert [rule["CidrIp"] for rule in own["SecurityGroupEgress"]] == ["127.0.0.1/32"]
    assert _sources(stack) == []


def test_connections_let_into_a_group_of_our_making(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc).connections.allow_default_port_from(group(stack))
    assert _sources(stack) == [("SourceSecurityGroupId", "sg-11111111")]


def test_is_accepted_where_the_cdk_wants_something_connectable(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = adopt(stack, vpc)
    _instance(stack, vpc).connections.allow_to_default_port(storage)
    [(word, _)] = _sources(stack)
    assert word == "SourceSecurityGroupId"


@pytest.mark.parametrize("mutable", [True, False])
def test_rules_are_added_to_the_own_group_and_never_to_groups_given(
    *, mutable: bool, stack: Stack, vpc: ec2.IVpc
) -> None:
    theirs = ec2.SecurityGroup(stack, "Theirs", vpc=vpc)
    given = [group(stack, "7", mutable=mutable), theirs]
    storage = adopt(stack, vpc, security_groups=given, clients=[group(stack, "1")])
    storage.connections.allow_default_port_from(group(stack, "2"))
    own = stack.resolve(storage.security_group.security_group_id)
    resources = resources_of(stack)
    assert [rule["Properties"]["GroupId"] for rule in of_type(resources, INGRESS).values()] == [own] * 2
    assert not any("SecurityGroupIngress" in one["Properties"] for one in of_type(resources, SECURITY_GROUP).values())


def test_the_own_group_tells_what_is_adopted(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc)
    tags = {tag["Key"]: tag["Value"] for tag in properties_of(SECURITY_GROUP, stack)["Tags"]}
    assert tags["geuse-efs:file-system"] == ID
    assert tags["geuse-efs:subnets"] == "subnet-0000000a subnet-0000000b subnet-0000000c"


def test_another_file_system_is_another_own_group(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = adopt(stack, vpc, file_system_id="fs-00000001")
    assert storage.security_group.node.id == "SecurityGroup-fs-00000001"


@pytest.mark.parametrize("world", ["0.0.0.0/0", "::/0"])
def test_the_whole_world_is_no_client(world: str, stack: Stack, vpc: ec2.IVpc) -> None:
    peer = ec2.Peer.ipv6(world) if ":" in world else ec2.Peer.ipv4(world)
    with pytest.raises(ValueError, match=f"clients has the peer {world}, the whole world; give the security group"):
        adopt(stack, vpc, clients=[peer])
