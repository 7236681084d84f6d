"""The NFS security group: nothing out, tcp 2049 in from the clients only."""

from __future__ import annotations

from aws_cdk import Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

NFS = ec2.Port.tcp(2049)
_NOWHERE = ec2.Peer.ipv4("127.0.0.1/32")


def define_security_group(scope: Construct, construct_id: str, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """A security group that lets nothing out.

    Security groups are stateful, so a mount target needs no egress rule to answer. A group without any would get a
    strange ICMP rule from the CDK; one rule to the loopback address says the same and reads better.
    """
    group = ec2.SecurityGroup(
        scope,
        construct_id,
        vpc=vpc,
        description="NFS to the mount targets of a file system",
        allow_all_outbound=False,
    )
    group.add_egress_rule(_NOWHERE, NFS, "nothing goes out")
    return group


def group_key(group: ec2.ISecurityGroup) -> str:
    """What tells a group from others: its id, as the same group may be imported several times, or its path in the app."""
    return group.node.path if Token.is_unresolved(group.security_group_id) else group.security_group_id


def accepts_rules(group: ec2.ISecurityGroup) -> bool:
    """Whether rules can be added to the group: not if it was imported with ``mutable=False``, which the CDK tells nobody."""
    if isinstance(group, ec2.SecurityGroup):
        return True
    probe = ec2.Peer.security_group_id("sg-00000000")
    group.add_ingress_rule(probe, NFS)
    return any(
        group.node.try_remove_child(child.node.id) for child in group.node.children if "sg-00000000" in child.node.id
    )


def refuse_the_world(client: ec2.IConnectable) -> None:
    """A client must not be everybody.

    Raises:
        ValueError: if it is; whatever stands before the mask: 10.0.0.0/0 is the same as 0.0.0.0/0.
    """
    if getattr(client, "unique_id", "").endswith("/0"):
        raise ValueError(
            f"clients has the peer {getattr(client, 'unique_id', '')}, the whole world; give the security group of the "
            "instances that mount the file system, or the CIDR of their subnets"
        )


def client_rules(client: ec2.IConnectable) -> list[str]:
    """The sources of the ingress rules that let a client in: ids of security groups, a CIDR, or a prefix list."""
    if hasattr(client, "to_ingress_rule_config"):
        rule: ec2.IngressRuleConfig | dict[str, str] = client.to_ingress_rule_config()
        if isinstance(rule, dict):  # of older versions of the CDK
            return list(rule.values())
        sources = (rule.source_security_group_id, rule.cidr_ip, rule.cidr_ipv6, rule.source_prefix_list_id)
        return [source for source in sources if source is not None]
    return [group.security_group_id for group in client.connections.security_groups]
