"""Turns a subnet selection into availability zones (AZs): one mount target per AZ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jsii
from aws_cdk import Stack
from aws_cdk import aws_ec2 as ec2
from constructs import IConstruct

from geuse_efs.limits import MAX_ZONE_KEY_LENGTH

_SELECTION_FIELDS = (
    "availability_zones",
    "one_per_az",
    "subnet_filters",
    "subnet_group_name",
    "subnets",
    "subnet_type",
)
_LOCAL_ZONE = re.compile(r"[a-z]+(-[a-z]+)+-\d+-")


@dataclass(frozen=True)
class Zone:
    """One AZ of the file system.

    Attributes:
        key: names the zone in construct ids and attributes: the AZ, or the subnet's construct id where the AZ is not known
            before deployment. It does not depend on the order of the subnets.
        availability_zone: the AZ's name, maybe a token; empty where only the deployment knows it.
        subnet_id: where the mount target goes.
    """

    key: str
    availability_zone: str
    subnet_id: str


def select_zones(
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    *,
    one_zone: bool = False,
    allow_public_subnets: bool = False,
    refuse_local_zones: bool = True,
) -> tuple[Zone, ...]:
    """The zones of a selection, at most one subnet per zone.

    Args:
        vpc: where the subnets are.
        vpc_subnets: the selection; None takes one private or isolated subnet per AZ, public ones if there are no others, and
            none in a local zone or a Wavelength zone.
        one_zone: take the first zone if there is no selection, and refuse a selection of several.
        allow_public_subnets: whether a public subnet may be among them.
        refuse_local_zones: whether a selected subnet in a local zone or a Wavelength zone is a mistake.

    Raises:
        ValueError: if there is no subnet, a public one, one without an AZ, or two in one AZ.
    """
    selected = _select(vpc, vpc_subnets)
    if selected.is_pending_lookup:
        # The VPC has placeholders for subnets in this pass: the lookup runs only if the synthesis gets to its end.
        subnets = list(selected.subnets) or list(_select(vpc, None).subnets)
        return to_zones(vpc, subnets)[: 1 if one_zone else None]
    subnets = list(selected.subnets)
    if selected.has_public and not allow_public_subnets:
        raise ValueError(
            f"vpc_subnets selects public subnets of {vpc.node.path}; a file system belongs in private or isolated subnets "
            "(AWS Security Hub EFS.6). Select others, or accept it with allow_public_subnets=True"
        )
    zones = to_zones(vpc, subnets)
    if vpc_subnets is None:
        zones = tuple(zone for zone in zones if not _is_local(zone))
    elif refuse_local_zones:
        _check_local_zones(zones)
    _check_any(vpc, vpc_subnets, zones)
    if not one_zone:
        return zones
    if vpc_subnets is not None and len(zones) > 1:
        raise ValueError(
            f"one_zone=True was given with subnets in {len(zones)} availability zones "
            f"({', '.join(zone.key for zone in zones)}); select one, for example "
            "vpc_subnets=SubnetSelection(availability_zones=[...])"
        )
    return zones[:1]


def _check_any(vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None, zones: Sequence[Zone]) -> None:
    if not zones and vpc_subnets is None:
        raise ValueError(
            f"{vpc.node.path} has no subnet in an availability zone, only in local zones or Wavelength zones, where EFS has "
            "no mount targets; add a subnet in an availability zone, clients in other zones can mount from there"
        )
    if not zones:
        raise ValueError(
            f"vpc_subnets selects no subnet of {vpc.node.path}; give a selection with at least one subnet, or leave "
            "vpc_subnets out for one subnet per availability zone"
        )


def _is_local(zone: Zone) -> bool:
    """The name of an availability zone is that of the region and a letter: us-east-1a, not us-east-1-bos-1a."""
    return _LOCAL_ZONE.match(zone.availability_zone) is not None


def _check_local_zones(zones: Sequence[Zone]) -> None:
    if local := [zone.availability_zone for zone in zones if _is_local(zone)]:
        raise ValueError(
            f"vpc_subnets has subnets in {', '.join(local)}; EFS has mount targets in availability zones only, not in local "
            "zones or Wavelength zones. Give subnets in availability zones; clients in other zones can mount from there"
        )


def _select(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> ec2.SelectedSubnets:
    if selection is None:
        try:
            return vpc.select_subnets(one_per_az=True)
        except (RuntimeError, jsii.errors.JSIIError) as refused:
            raise ValueError(
                f"{vpc.node.path} has no subnets ({refused}); import it with them, for example with ec2.Vpc.from_lookup, or "
                "give vpc_subnets=ec2.SubnetSelection(subnets=[...])"
            ) from refused
    if isinstance(selection, dict):
        selection = ec2.SubnetSelection(**selection)
    for subnet in selection.subnets or ():
        _availability_zone(subnet)
    given = {field: getattr(selection, field) for field in _SELECTION_FIELDS}
    try:
        return vpc.select_subnets(**{field: value for field, value in given.items() if value is not None})
    except (RuntimeError, jsii.errors.JSIIError) as refused:
        raise ValueError(f"vpc_subnets does not fit {vpc.node.path}: {refused}") from refused


def to_zones(vpc: ec2.IVpc, subnets: Sequence[ec2.ISubnet]) -> tuple[Zone, ...]:
    """The zones of the subnets, in their order.

    Raises:
        ValueError: if two are in one AZ, or the AZ of one is not known.
    """
    names = [_availability_zone(subnet) for subnet in subnets]
    ids = [subnet.subnet_id for subnet in subnets]
    # Two tokens may be the same AZ although their text differs, and the other way round: compare what they resolve to.
    resolved = _resolve(vpc, names, ids)
    keys = [
        zone_key(name if name == known else subnet.node.id)
        for name, known, subnet in zip(names, resolved, subnets, strict=True)
    ]
    for index, zone in enumerate(resolved):
        if (first := resolved.index(zone)) != index:
            if subnets[first].node.path == subnets[index].node.path:
                raise ValueError(f"vpc_subnets has {subnets[index].node.path} twice; give each subnet once")
            raise ValueError(
                f"vpc_subnets has two subnets in availability zone {keys[index]}: {subnets[first].node.path} and "
                f"{subnets[index].node.path}; EFS takes one mount target per availability zone, so select one of them or add "
                "one_per_az=True"
            )
    return tuple(
        Zone(told_apart(key, keys, subnet), name, subnet_id)
        for key, name, subnet_id, subnet in zip(keys, names, ids, subnets, strict=True)
    )


def _resolve(vpc: ec2.IVpc, names: Sequence[str], ids: Sequence[str]) -> list[Any]:
    """The names as the template will have them.

    Raises:
        ValueError: if the number of the subnets or of their zones is not known before deployment.
    """
    try:
        resolved, resolved_ids = Stack.of(vpc).resolve([names, ids])
    except RuntimeError:
        resolved = resolved_ids = None
    if not isinstance(resolved, list) or not isinstance(resolved_ids, list):
        raise ValueError(
            f"the subnets of {vpc.node.path}, or their availability zones, are a list whose length is known at deployment "
            "only; one mount target is defined per zone, so their number must be known at synth. Import the VPC with "
            '[Fn.select(i, Fn.split(",", ...)) for i in range(n)] in place of Fn.split(",", ...), for availability zones too '
            "(Fn.select(i, Fn.get_azs()))"
        )
    return resolved


def told_apart(key: str, keys: Sequence[str], construct: IConstruct) -> str:
    """The key; with the hash of the construct's path, if another has the same key or if nothing is left of the name."""
    if key and keys.count(key) == 1:
        return key
    return "-".join(filter(None, (key, construct.node.addr[-8:])))


def zone_key(name: str) -> str:
    """The name, with the characters and the length that attributes of the custom resource take."""
    return re.sub(r"[^A-Za-z0-9-]", "", name)[:MAX_ZONE_KEY_LENGTH]


def _availability_zone(subnet: ec2.ISubnet) -> str:
    try:
        return subnet.availability_zone
    except (RuntimeError, jsii.errors.JSIIError) as unknown:
        raise ValueError(
            f"vpc_subnets has {subnet.node.path} whose availability zone is not known; import it with "
            "Subnet.from_subnet_attributes(..., availability_zone=...)"
        ) from unknown
