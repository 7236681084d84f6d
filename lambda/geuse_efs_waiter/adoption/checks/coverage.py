"""Which wanted zones have a mount target, and where one would be created. Pure, no calls.

A mount target serves its whole AZ: clients may sit in any subnet of it (EFS user guide, "Creating mount targets").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geuse_efs_waiter.adoption.checks.observed import Seen, SubnetSeen
from geuse_efs_waiter.adoption.wish import AdoptionWish
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.readiness import NEVER, READY

LEAVING = "deleting"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The wanted zones, by their keys. A key whose subnet does not exist is in none of these.

    Attributes:
        covered_by: the mount target that serves the zone now or soon.
        failed: the mount target that stands in the way for good.
        uncovered: one key an AZ without any of these; a mount target on its way out may still be in the AZ.
    """

    covered_by: Mapping[str, MountTargetResource]
    failed: Mapping[str, MountTargetResource]
    uncovered: tuple[str, ...]


def wanted_subnets(wish: AdoptionWish, seen: Seen) -> dict[str, SubnetSeen]:
    """The wanted subnets that exist, by zone key."""
    return {key: seen.subnets[name] for key, name in wish.subnets.items() if name in seen.subnets}


def coverage(wish: AdoptionWish, seen: Seen) -> Coverage:
    """Match the wanted zones with the mount targets."""
    covered: dict[str, MountTargetResource] = {}
    failed: dict[str, MountTargetResource] = {}
    uncovered: dict[str, str] = {}
    for key, subnet in wanted_subnets(wish, seen).items():
        # More than one only while EFS swaps one for another.
        here = sorted((one for one in seen.mount_targets if _serves(one, subnet)), key=_rank)
        if not here or here[0].lifecycle_state == LEAVING:
            uncovered.setdefault(subnet.availability_zone, key)
        elif here[0].lifecycle_state in NEVER:
            failed[key] = here[0]
        else:
            covered[key] = here[0]
    return Coverage(covered, failed, tuple(uncovered.values()))


def target_in(subnet: SubnetSeen, seen: Seen) -> MountTargetResource | None:
    """Any mount target in the AZ of the subnet, whatever its state."""
    return next((one for one in seen.mount_targets if _serves(one, subnet)), None)


def creatable(wish: AdoptionWish, seen: Seen) -> tuple[str, ...]:
    """The keys of the zones where adoption would create a mount target, in the order of the wish."""
    if not wish.create_missing or seen.file_system is None:
        return ()
    subnets = wanted_subnets(wish, seen)
    vpcs = {home_vpc(seen), wish.vpc_id} - {None}
    own_zone = seen.file_system.availability_zone
    return tuple(
        key
        for key in coverage(wish, seen).uncovered
        if vpcs <= {subnets[key].vpc_id}
        and subnets[key].availability_zone == (own_zone or subnets[key].availability_zone)
    )


def home_vpc(seen: Seen) -> str | None:
    """The one VPC that the mount targets are in; EFS takes no mount target in a second one."""
    return next(
        (vpc for one in seen.mount_targets if one.lifecycle_state != "deleted" and (vpc := seen.vpc_of(one))), None
    )


def _serves(target: MountTargetResource, subnet: SubnetSeen) -> bool:
    if target.availability_zone:
        return target.availability_zone == subnet.availability_zone
    return bool(target.availability_zone_id) and target.availability_zone_id == subnet.availability_zone_id


def _rank(target: MountTargetResource) -> int:
    if target.lifecycle_state == READY:
        return 0
    if target.lifecycle_state in NEVER:
        return 3
    return 2 if target.lifecycle_state == LEAVING else 1
