"""Checks of the wanted zones: possible, covered, and covered by what works. Pure, no calls."""

from __future__ import annotations

from geuse_efs_waiter.adoption.findings import Finding, found
from geuse_efs_waiter.adoption.seen import Seen
from geuse_efs_waiter.adoption.wish import AdoptionWish
from geuse_efs_waiter.adoption.zones import coverage, creatable, home_vpc, target_in, wanted_subnets


def check_one_zone(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """A One Zone file system is wanted in its own AZ only."""
    own = seen.file_system.availability_zone if seen.file_system else None
    if own is None:
        return []
    others = {subnet.availability_zone for subnet in wanted_subnets(wish, seen).values()} - {own}
    return [
        found(
            "one-zone-elsewhere",
            zone,
            seen=f"{wish.file_system_id} is a One Zone file system of {own}",
            expected=f"a file system that takes a mount target in {zone}",
            fix=f"want it in {own} only, or copy the data to a regional file system",
        )
        for zone in sorted(others)
    ]


def check_coverage(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """Each wanted zone has a mount target, or one will be created."""
    if seen.file_system is None:
        return []
    subnets = wanted_subnets(wish, seen)
    own = seen.file_system.availability_zone
    to_create = creatable(wish, seen)
    told = []
    for key in coverage(wish, seen).uncovered:
        zone = subnets[key].availability_zone
        # Said already by one-zone-elsewhere.
        if key in to_create or zone != (own or zone):
            continue
        leaving = target_in(subnets[key], seen)
        told.append(
            found(
                "mount-target-missing",
                zone,
                seen=f"{leaving.mount_target_id} is {leaving.lifecycle_state}" if leaving else "no mount target",
                expected="a mount target in any subnet of the zone",
                fix=_how_to_get_one(wish, seen, subnets[key].vpc_id),
            )
        )
    return told


def _how_to_get_one(wish: AdoptionWish, seen: Seen, vpc_id: str) -> str:
    for home in (home_vpc(seen), wish.vpc_id):
        if home not in (None, vpc_id):
            return f"EFS takes mount targets in one VPC only, here {home}: choose a subnet of it, or leave the zone out"
    return "create one, allow creation (create_missing), or leave the zone out"


def check_failed_targets(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """No wanted zone has a mount target that never becomes available. `creating` and the like are waited for."""
    failed = {target.mount_target_id: target for target in coverage(wish, seen).failed.values()}
    return [
        found(
            "mount-target-failed",
            name,
            seen=f"life-cycle state {target.lifecycle_state} in {target.availability_zone}",
            expected="available",
            fix="look for the cause in its subnet (free addresses, network interface limit), delete it, deploy again",
        )
        for name, target in failed.items()
    ]
