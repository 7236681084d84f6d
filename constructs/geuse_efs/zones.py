"""Turns a subnet selection into availability zones (AZs), one mount target each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import jsii
from aws_cdk import Stack, Token
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

_SELECTION_FIELDS = (
    "availability_zones",
    "one_per_az",
    "subnet_filters",
    "subnet_group_name",
    "subnets",
    "subnet_type",
)


@dataclass(frozen=True)
class Zone:
    """One AZ of the file system.

    Attributes:
        key: names the zone in construct ids and attributes: the AZ, or the subnet's construct id where the AZ is not known
            before deployment. It does not depend on the order of the subnets.
        availability_zone: the AZ's name, maybe a token.
        subnet: where the mount target goes.
    """

    key: str
    availability_zone: str
    subnet: ec2.ISubnet


def select_zones(
    scope: Construct,
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    *,
    one_zone: bool = False,
    allow_public_subnets: bool = False,
) -> tuple[Zone, ...]:
    """The zones of a selection, at most one subnet each.

    Args:
        scope: whose stack the subnets are compared in.
        vpc: where the subnets are.
        vpc_subnets: the selection; None takes one private or isolated subnet an AZ, public ones if there are no others.
        one_zone: take the first zone if there is no selection, and refuse a selection of several.
        allow_public_subnets: whether a public subnet may be among them.

    Raises:
        ValueError: if there is no subnet, a public one, one without an AZ, or two in one AZ.
    """
    selected = _select(vpc, vpc_subnets)
    subnets = list(selected.subnets)
    if one_zone and vpc_subnets is None:
        subnets = subnets[:1]
    if not subnets:
        raise ValueError(
            f"vpc_subnets selects no subnet of {vpc.node.path}; give a selection with at least one subnet, or leave "
            "vpc_subnets out for one subnet an availability zone"
        )
    if selected.has_public and not allow_public_subnets:
        raise ValueError(
            f"vpc_subnets selects public subnets of {vpc.node.path}; a file system belongs in private or isolated subnets "
            "(AWS Security Hub EFS.6). Select others, or accept it with allow_public_subnets=True"
        )
    zones = _named(scope, subnets)
    if one_zone and len(zones) > 1:
        raise ValueError(
            f"one_zone=True was given with subnets in {len(zones)} availability zones ({_listed(zones)}); select one, for "
            "example vpc_subnets=SubnetSelection(availability_zones=[...])"
        )
    return zones


def _select(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    if selection is None:
        return vpc.select_subnets(one_per_az=True)
    if isinstance(selection, dict):
        selection = ec2.SubnetSelection(**selection)
    for subnet in selection.subnets or ():
        _zone(subnet)
    given = {field: getattr(selection, field) for field in _SELECTION_FIELDS}
    try:
        return vpc.select_subnets(**{field: value for field, value in given.items() if value is not None})
    except (RuntimeError, jsii.errors.JSIIError) as refused:
        raise ValueError(f"vpc_subnets does not fit {vpc.node.path}: {refused}") from refused


def _named(scope: Construct, subnets: Sequence[ec2.ISubnet]) -> tuple[Zone, ...]:
    zones = [_zone(subnet) for subnet in subnets]
    _refuse_shared_zones(scope, zones)
    shared_keys = {key for key, count in Counter(zone.key for zone in zones).items() if count > 1}
    return tuple(
        Zone(f"{zone.key}-{zone.subnet.node.addr[-8:]}", zone.availability_zone, zone.subnet)
        if zone.key in shared_keys
        else zone
        for zone in zones
    )


def _zone(subnet: ec2.ISubnet) -> Zone:
    try:
        availability_zone = subnet.availability_zone
    except (RuntimeError, jsii.errors.JSIIError) as unknown:
        raise ValueError(
            f"vpc_subnets has {subnet.node.path} whose availability zone is not known; import it with "
            "Subnet.from_subnet_attributes(..., availability_zone=...)"
        ) from unknown
    name = subnet.node.id if Token.is_unresolved(availability_zone) else availability_zone
    return Zone(re.sub(r"[^A-Za-z0-9-]", "", name)[:48], availability_zone, subnet)


def _refuse_shared_zones(scope: Construct, zones: Sequence[Zone]) -> None:
    seen: dict[str, Zone] = {}
    for zone in zones:
        # Two tokens may be the same AZ although their text differs, and the other way round: compare what they resolve to.
        resolved = repr(Stack.of(scope).resolve(zone.availability_zone))
        if resolved in seen:
            other = seen[resolved].subnet.node.path
            raise ValueError(
                f"vpc_subnets has two subnets in availability zone {zone.key}: {other} and {zone.subnet.node.path}; EFS "
                "takes one mount target an availability zone, so select one of them or add one_per_az=True"
            )
        seen[resolved] = zone


def _listed(zones: Sequence[Zone]) -> str:
    return ", ".join(zone.key for zone in zones)
