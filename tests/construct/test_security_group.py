"""The security group of the mount targets: nothing out, NFS in from the clients only."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Fn, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs
from tests.construct.mounting.consumers import function
from tests.construct.templates import INGRESS, SECURITY_GROUP, Resource, of_type, properties_of, resources_of


def _ingress(stack: Stack) -> list[Resource]:
    """All ingress rules of the stack, within the groups and beside them."""
    resources = resources_of(stack)
    inside = [
        rule
        for group in of_type(resources, SECURITY_GROUP).values()
        for rule in group["Properties"].get("SecurityGroupIngress", [])
    ]
    return inside + [rule["Properties"] for rule in of_type(resources, INGRESS).values()]


def _nfs(**source: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, **source}


def _client(stack: Stack, number: str = "1") -> ec2.ISecurityGroup:
    return ec2.SecurityGroup.from_security_group_id(stack, f"Client{number}", f"sg-1111111{number}")


def test_lets_nothing_out(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    [rule] = properties_of(SECURITY_GROUP, stack)["SecurityGroupEgress"]
    assert rule == _nfs(CidrIp="127.0.0.1/32", Description="nothing goes out")


def test_lets_nobody_in_by_default(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert _ingress(stack) == []


def test_is_in_the_vpc(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc)
    assert properties_of(SECURITY_GROUP, stack)["VpcId"] == "vpc-0123456789abcdef0"


def test_lets_a_security_group_in(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc, clients=[_client(stack)])
    own = stack.resolve(storage.security_group.security_group_id)
    assert _ingress(stack) == [_nfs(GroupId=own, SourceSecurityGroupId="sg-11111111", Description="NFS")]


@pytest.mark.parametrize(
    ("peer", "source"),
    [
        (ec2.Peer.ipv4("10.0.0.0/16"), {"CidrIp": "10.0.0.0/16"}),
        (ec2.Peer.ipv6("fd00::/64"), {"CidrIpv6": "fd00::/64"}),
        (ec2.Peer.ipv4(Fn.import_value("cidr")), {"CidrIp": {"Fn::ImportValue": "cidr"}}),
    ],
    ids=["ipv4", "ipv6", "token"],
)
def test_lets_a_peer_in(peer: ec2.IPeer, source: dict[str, Any], stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[peer])
    assert _ingress(stack) == [_nfs(Description="NFS", **source)]


def test_lets_a_prefix_list_in(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc, clients=[ec2.Peer.prefix_list("pl-12345678")])
    own = stack.resolve(storage.security_group.security_group_id)
    assert _ingress(stack) == [_nfs(GroupId=own, SourcePrefixListId="pl-12345678", Description="NFS")]


def test_lets_every_client_in(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[_client(stack, "1"), _client(stack, "2"), ec2.Peer.ipv4("10.1.0.0/16")])
    assert len(_ingress(stack)) == 3


def test_lets_an_instance_in(stack: Stack, vpc: ec2.IVpc) -> None:
    instance = _instance(stack, vpc)
    storage = GeuseEfs(stack, "Efs", vpc=vpc, clients=[instance])
    own, source = (
        stack.resolve(connectable.connections.security_groups[0].security_group_id)
        for connectable in (storage, instance)
    )
    assert _ingress(stack) == [_nfs(GroupId=own, SourceSecurityGroupId=source, Description="NFS")]


def test_lets_a_function_in(stack: Stack, vpc: ec2.IVpc) -> None:
    client = function(stack, vpc)
    GeuseEfs(stack, "Efs", vpc=vpc, clients=[client])
    source = stack.resolve(client.connections.security_groups[0].security_group_id)
    assert [rule["SourceSecurityGroupId"] for rule in _ingress(stack)] == [source]


def test_connections_let_in_on_the_nfs_port(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    storage.connections.allow_default_port_from(_client(stack))
    [rule] = _ingress(stack)
    assert (rule["FromPort"], rule["ToPort"], rule["SourceSecurityGroupId"]) == (2049, 2049, "sg-11111111")


def test_is_accepted_where_the_cdk_wants_something_connectable(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc)
    _instance(stack, vpc).connections.allow_to_default_port(storage)
    [rule] = _ingress(stack)
    assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2049, 2049)


def test_two_file_systems_can_share_a_client(stack: Stack, vpc: ec2.IVpc) -> None:
    for name in ("One", "Two"):
        GeuseEfs(stack, name, vpc=vpc, clients=[_client(stack, "1")] if name == "One" else [_client(stack, "2")])
    assert len({str(rule["GroupId"]) for rule in _ingress(stack)}) == 2


def test_no_group_is_defined_beside_those_given(stack: Stack, vpc: ec2.IVpc) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=[_client(stack)])
    assert of_type(resources_of(stack), SECURITY_GROUP) == {}


def test_the_first_of_the_groups_given_is_the_security_group(stack: Stack, vpc: ec2.IVpc) -> None:
    storage = GeuseEfs(stack, "Efs", vpc=vpc, security_groups=[_client(stack, "1"), _client(stack, "2")])
    assert storage.security_group.security_group_id == "sg-11111111"


def test_clients_are_let_into_the_group_given(stack: Stack, vpc: ec2.IVpc) -> None:
    given = ec2.SecurityGroup.from_security_group_id(stack, "Given", "sg-22222222")
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=[given], clients=[_client(stack)])
    assert _ingress(stack) == [
        _nfs(GroupId="sg-22222222", SourceSecurityGroupId="sg-11111111", Description="NFS"),
    ]


def test_rules_are_added_to_the_first_group_only(stack: Stack, vpc: ec2.IVpc) -> None:
    given = [ec2.SecurityGroup.from_security_group_id(stack, f"Given{n}", f"sg-2222222{n}") for n in (1, 2)]
    GeuseEfs(stack, "Efs", vpc=vpc, security_groups=given, clients=[_client(stack)])
    assert [rule["GroupId"] for rule in _ingress(stack)] == ["sg-22222221"]


@pytest.mark.parametrize("world", ["0.0.0.0/0", "::/0", "10.0.0.0/0", "0:0::/0"])
def test_the_whole_world_is_no_client(world: str, stack: Stack, vpc: ec2.IVpc) -> None:
    peer = ec2.Peer.ipv6(world) if ":" in world else ec2.Peer.ipv4(world)
    with pytest.raises(ValueError, match=f"clients has the peer {world}, the whole world; give the security group"):
        GeuseEfs(stack, "Efs", vpc=vpc, clients=[peer])


@pytest.mark.parametrize("world", [ec2.Peer.any_ipv4(), ec2.Peer.any_ipv6()])
def test_any_address_is_no_client(world: ec2.IPeer, stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match="the whole world"):
        GeuseEfs(stack, "Efs", vpc=vpc, clients=[world])


def _instance(stack: Stack, vpc: ec2.IVpc) -> ec2.Instance:
    return ec2.Instance(
        stack,
        "Instance",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        instance_type=ec2.InstanceType("t3.micro"),
        machine_image=ec2.MachineImage.latest_amazon_linux2023(),
    )
