"""Checks of the wanted zones: each is one that EFS serves, and has a mount target or gets one. Pure, no calls."""

from __future__ import annotations

from collections import defaultdict

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.coverage import (
    coverage,
    creatable,
    home_vpc,
    is_served,
    target_in,
    wanted_subnets,
)
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Observed


def check_one_subnet_per_zone(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No two wanted subnets are in one AZ, and none is wanted twice."""
    by_zone = defaultdict(list)
    for subnet in wanted_subnets(desired, observed).values():
        by_zone[subnet.availability_zone].append(subnet.subnet_id)
    return [
        found(
            "subnets-share-zone",
            zone,
            actual=f"subnets {', '.join(names)}",
            expected="one subnet per availability zone",
        )
        for zone, names in by_zone.items()
        if len(names) > 1
    ]


def check_one_zone(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """A One Zone file system is wanted in its own AZ only."""
    own = observed.file_system.availability_zone if observed.file_system else None
    if own is None:
        return []
    others = {subnet.availability_zone for subnet in wanted_subnets(desired, observed).values()} - {own}
    return [
        found(
            "one-zone-elsewhere",
            zone,
            actual=f"{desired.file_system_id} is a One Zone file system of {own}",
            expected=f"a file system that takes a mount target in {zone}",
            zone=own,
        )
        for zone in sorted(others)
    ]


def check_zones_served(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Each wanted zone without a mount target is an availability zone, no local or Wavelength zone."""
    subnets = wanted_subnets(desired, observed)
    unserved = [subnets[key] for key in coverage(desired, observed).uncovered if not is_served(subnets[key], observed)]
    return [
        found(
            "zone-not-served",
            subnet.availability_zone,
            actual=f"{subnet.subnet_id} is in a local or Wavelength zone",
            expected=f"an availability zone, named {observed.region} and one letter",
        )
        for subnet in unserved
    ]


def check_coverage(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Each wanted zone has a mount target, or one will be created."""
    if observed.file_system is None:
        return []
    subnets = wanted_subnets(desired, observed)
    own = observed.file_system.availability_zone
    to_create = creatable(desired, observed)
    findings = []
    for key in coverage(desired, observed).uncovered:
        zone = subnets[key].availability_zone
        # The other two are reported already, by one-zone-elsewhere and zone-not-served.
        if key in to_create or zone != (own or zone) or not is_served(subnets[key], observed):
            continue
        leaving = target_in(subnets[key], observed)
        findings.append(
            found(
                "mount-target-missing",
                zone,
                actual=f"{leaving.mount_target_id} is {leaving.lifecycle_state}" if leaving else "no mount target",
                expected="a mount target in any subnet of the zone",
                fix=_how_to_get_one(desired, observed, subnets[key].vpc_id),
            )
        )
    return findings


def _how_to_get_one(desired: AdoptionSpec, observed: Observed, vpc_id: str) -> str:
    """Where creation is not possible; empty where the fix of the code says all."""
    for home in (home_vpc(observed), desired.vpc_id):
        if home not in (None, vpc_id):
            return f"EFS takes mount targets in one VPC only, here {home}: choose a subnet of it, or leave the zone out"
    return ""


def check_failed_targets(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No wanted zone has a mount target that never becomes available. `creating` and the like are waited for."""
    failed = {target.mount_target_id: target for target in coverage(desired, observed).failed.values()}
    return [
        found(
            "mount-target-failed",
            name,
            actual=f"life-cycle state {target.lifecycle_state} in {target.availability_zone}",
            expected="available",
        )
        for name, target in failed.items()
    ]
