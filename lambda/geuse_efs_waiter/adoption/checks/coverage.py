"""Which wanted zones have a mount target, and where one would be created. Pure, no calls.

A mount target serves its whole AZ: clients may sit in any subnet of it (EFS user guide, "Creating mount targets").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.observed import Observed, ObservedSubnet
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.readiness import AVAILABLE, TERMINAL_STATES

DELETING = "deleting"


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


def wanted_subnets(desired: AdoptionSpec, observed: Observed) -> dict[str, ObservedSubnet]:
    """The wanted subnets that exist, by zone key."""
    return {key: observed.subnets[name] for key, name in desired.subnets.items() if name in observed.subnets}


def coverage(desired: AdoptionSpec, observed: Observed) -> Coverage:
    """Match the wanted zones with the mount targets."""
    covered: dict[str, MountTargetResource] = {}
    failed: dict[str, MountTargetResource] = {}
    uncovered: dict[str, str] = {}
    for key, subnet in wanted_subnets(desired, observed).items():
        # More than one only while EFS swaps one for another.
        here = sorted((target for target in observed.mount_targets if _serves(target, subnet)), key=_rank)
        if not here or here[0].lifecycle_state == DELETING:
            uncovered.setdefault(subnet.availability_zone, key)
        elif here[0].lifecycle_state in TERMINAL_STATES:
            failed[key] = here[0]
        else:
            covered[key] = here[0]
    return Coverage(covered, failed, tuple(uncovered.values()))


def target_in(subnet: ObservedSubnet, observed: Observed) -> MountTargetResource | None:
    """Any mount target in the AZ of the subnet, whatever its state."""
    return next((target for target in observed.mount_targets if _serves(target, subnet)), None)


def creatable(desired: AdoptionSpec, observed: Observed) -> tuple[str, ...]:
    """The keys of the zones where adoption would create a mount target, in the order in which they are desired."""
    if not desired.create_missing or observed.file_system is None:
        return ()
    subnets = wanted_subnets(desired, observed)
    vpcs = {home_vpc(observed), desired.vpc_id} - {None}
    own_zone = observed.file_system.availability_zone
    return tuple(
        key
        for key in coverage(desired, observed).uncovered
        if vpcs <= {subnets[key].vpc_id}
        and is_served(subnets[key], observed)
        and subnets[key].availability_zone == (own_zone or subnets[key].availability_zone)
    )


def is_served(subnet: ObservedSubnet, observed: Observed) -> bool:
    """Whether EFS makes mount targets in the zone: an availability zone, named by its region and one letter.

    The names of local and Wavelength zones go on after the region: ``us-east-1-bos-1a`` (EC2 user guide, "Local Zones" and
    "Wavelength Zones"). That EFS serves none of them is not verified on AWS.
    """
    return re.fullmatch(re.escape(observed.region) + "[a-z]", subnet.availability_zone) is not None


def home_vpc(observed: Observed) -> str | None:
    """The one VPC that the mount targets are in; EFS takes no mount target in a second one."""
    present = [target for target in observed.mount_targets if target.lifecycle_state != "deleted"]
    return next((vpc for target in present if (vpc := observed.vpc_of(target))), None)


def _serves(target: MountTargetResource, subnet: ObservedSubnet) -> bool:
    if target.availability_zone:
        return target.availability_zone == subnet.availability_zone
    return bool(target.availability_zone_id) and target.availability_zone_id == subnet.availability_zone_id


def _rank(target: MountTargetResource) -> int:
    if target.lifecycle_state == AVAILABLE:
        return 0
    if target.lifecycle_state in TERMINAL_STATES:
        return 3
    return 2 if target.lifecycle_state == DELETING else 1
