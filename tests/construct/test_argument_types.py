"""An argument of a wrong type is a ValueError that says what was given, what is allowed and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from geuse_efs import GeuseEfs
from tests.construct.adopting import ID, adopt, group

Mistake = tuple[Callable[[Stack], Any], str]
FOR_BOTH: Mapping[str, Mistake] = {
    "clients": (group, r"clients is an? \w+, allowed is a list; give for example \[an instance"),
    "clients of them": (
        lambda _: ["sg-11111111"],
        r"clients\[0\] is 'sg-11111111', allowed is aws_ec2\.IConnectable",
    ),
    "clients of others": (
        lambda stack: [kms.Key(stack, "K")],
        r"clients\[0\] is a Key, allowed is aws_ec2\.IConnectable;",
    ),
    "wait_timeout": (
        lambda _: 600,
        r"wait_timeout is 600, allowed is aws_cdk\.Duration; give .* Duration\.minutes\(10\)",
    ),
    "vpc_subnets": (
        lambda _: ec2.SubnetType.PUBLIC,
        r"vpc_subnets is SubnetType\.PUBLIC, .*SubnetSelection\(subnet_type=",
    ),
    "vpc_subnets as a list": (
        lambda stack: [ec2.Vpc(stack, "Other")],
        r"vpc_subnets is a list, .* or ec2\.SubnetSelection\(subnets=\[\.\.\.\]\)$",
    ),
    "tags": (lambda _: ["team"], r"tags is \['team'\], allowed is a dictionary; give for example"),
    "kms_key": (lambda _: "alias/x", r"kms_key is 'alias/x', allowed is aws_kms\.IKey; give .*from_alias_name"),
    "vpc": (lambda _: "vpc-01234567", r"vpc is 'vpc-01234567', allowed is aws_ec2\.IVpc; give .*from_lookup"),
    "security_groups": (group, r"security_groups is an? \w+, allowed is a list; give for example \[ec2\.Sec"),
    "ip_address_type": (lambda _: "IPV6", r"ip_address_type is 'IPV6', allowed is one of IpAddressType\.IPV4_ONLY, "),
    "allow_public_subnets": (lambda _: "no", r"allow_public_subnets is 'no', allowed is True or False"),
    "tier": (lambda _: 1, r"tier is 1, allowed is text"),
}
FOR_A_NEW_ONE: Mapping[str, Mistake] = {
    "throughput_mode": (lambda _: "elastic", r"throughput_mode is 'elastic', .*one of ThroughputMode\.BURSTING, "),
    "provisioned_throughput_per_second": (lambda _: 100, r"is 100, allowed is aws_cdk\.Size; give .*Size\.mebibytes"),
    "removal_policy": (lambda _: "retain", r"removal_policy is 'retain', allowed is one of RemovalPolicy\.DESTROY, "),
}
FOR_AN_EXISTING_ONE: Mapping[str, Mistake] = {
    "access_points": (lambda _: ["fsap-1"], r"access_points\[0\] is 'fsap-1', .*from_access_point_id"),
    "severities": (lambda _: "off", r"severities is 'off', allowed is a dictionary"),
    "file_system_id as a file system": (
        lambda stack: efs.FileSystem(stack, "Files", vpc=ec2.Vpc(stack, "Other")),
        r"file_system_id is a FileSystem, allowed is text; give its file_system_id, or use MountTargetsReady\(",
    ),
    "file_system_id": (lambda _: None, r"file_system_id is None, allowed is text"),
}


OF_METHODS: Mapping[str, Callable[[GeuseEfs], Any]] = {
    "client is 'sg-1', allowed is aws_ec2.IConnectable; give": lambda efs: efs.allow(_any("sg-1")),
    "client is a InterfaceDynamicProxy, allowed is aws_ec2.IConnectable; give": lambda efs: efs.allow(_any(efs.vpc)),
    "client is None, allowed is aws_ec2.IConnectable; give": lambda efs: efs.allow(_any(None)),
    "grantee is 'x', allowed is aws_iam.IGrantable; give": lambda efs: efs.grant_read_write(_any("x")),
    "actions is 1, allowed is text": lambda efs: efs.grant(iam.AccountRootPrincipal(), "a", _any(1)),
    "actions is 'x', allowed is aws_cloudwatch.IAlarmAction; give": lambda efs: efs.add_alarms(_any("x")),
    "metric_name is 1, allowed is text": lambda efs: efs.metric(_any(1)),
    "container is None, allowed is aws_ecs.ContainerDefinition; give": lambda efs: efs.mount_in(_any(None), "/data"),
    "client is 'sg-1', allowed is aws_ec2.IConnectable": lambda efs: efs.batch_volume("/data", client=_any("sg-1")),
    "name is None, allowed is text": lambda efs: efs.persistent_volume(_any(None)),
    "uid is 'root', allowed is a whole number": lambda efs: efs.access_point("P", path="/p", uid=_any("root"), gid=1),
    "uid is -1, allowed are whole numbers from 0": lambda efs: efs.access_point("P", path="/p", uid=-1, gid=1),
    "path is 'p'; allowed is an absolute path": lambda efs: efs.access_point("P", path="p", uid=1, gid=1),
    "path is '/1/2/3/4/5'; allowed": lambda efs: efs.access_point("P", path="/1/2/3/4/5", uid=1, gid=1),
    "permissions is 'rwx'; allowed": lambda efs: efs.access_point("P", path="/", uid=1, gid=1, permissions="rwx"),
    "permissions is '999'; allowed": lambda efs: efs.access_point("P", path="/", uid=1, gid=1, permissions="999"),
    "container_path is 'data'; allowed is an absolute path": lambda efs: efs.batch_volume("data"),
}


def _any(value: Any) -> Any:
    """The value, as code without types gives it."""
    return value


@pytest.mark.parametrize("message", OF_METHODS)
def test_a_mistake_in_a_call_is_refused(message: str, stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        OF_METHODS[message](GeuseEfs(stack, "Efs", vpc=vpc))


def test_an_object_of_the_app_may_keep_its_connections_in_itself(stack: Stack, vpc: ec2.IVpc) -> None:
    class Service:
        def __init__(self) -> None:
            self.connections = group(stack).connections

    GeuseEfs(stack, "Efs", vpc=vpc).allow(_any(Service()))


@pytest.mark.parametrize("argument", [*FOR_BOTH, *FOR_A_NEW_ONE])
def test_a_wrong_type_is_refused(argument: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value, message = {**FOR_BOTH, **FOR_A_NEW_ONE}[argument]
    with pytest.raises(ValueError, match=message):
        GeuseEfs(stack, "Efs", **{"vpc": vpc, argument.partition(" ")[0]: value(stack)})


@pytest.mark.parametrize("argument", [*FOR_BOTH, *FOR_AN_EXISTING_ONE])
def test_a_wrong_type_is_refused_by_an_adoption(argument: str, stack: Stack, vpc: ec2.IVpc) -> None:
    value, message = {**FOR_BOTH, **FOR_AN_EXISTING_ONE}[argument]
    with pytest.raises(ValueError, match=message):
        GeuseEfs.adopt(stack, "Efs", **{"vpc": vpc, "file_system_id": ID, argument.partition(" ")[0]: value(stack)})


def test_the_scope_and_the_id_have_a_type_too(stack: Stack, vpc: ec2.IVpc) -> None:
    with pytest.raises(
        ValueError, match=r"^scope is 'Storage', allowed is constructs\.Construct; give for example self"
    ):
        GeuseEfs("Storage", "Efs", vpc=vpc)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^construct_id is 7, allowed is text$"):
        GeuseEfs(stack, 7, vpc=vpc)  # type: ignore[arg-type]


def test_whatever_the_cdk_makes_passes(stack: Stack, vpc: ec2.IVpc) -> None:
    key = kms.Alias.from_alias_name(stack, "Alias", "alias/x")
    clients: list[ec2.IConnectable] = [
        group(stack),
        ec2.Peer.ipv4("10.0.0.0/16"),
        ec2.Connections(),
        ec2.SecurityGroup(stack, "C", vpc=vpc),
    ]
    GeuseEfs(stack, "Efs", vpc=ec2.Vpc(stack, "New", nat_gateways=0), clients=clients[:2], kms_key=key)
    adopt(Stack(stack, "Nested"), vpc, clients=clients[:2] + clients[3:], security_groups=[group(stack, "2")])
