"""Checks of the network around the mount targets: VPC, subnets, DNS, and what covers the wanted zones. Pure, no calls."""

from __future__ import annotations

from collections import defaultdict

from geuse_efs_waiter.adoption.checks.coverage import coverage, creatable, home_vpc, target_in, wanted_subnets
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Seen
from geuse_efs_waiter.adoption.wish import AdoptionWish


def check_vpc(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """The mount targets are in the expected VPC."""
    elsewhere = defaultdict(list)
    for target in seen.mount_targets:
        if target.lifecycle_state != "deleted" and wish.vpc_id and seen.vpc_of(target) not in (None, wish.vpc_id):
            elsewhere[seen.vpc_of(target)].append(target.mount_target_id)
    return [
        found(
            "vpc-other",
            wish.file_system_id,
            seen=f"{', '.join(names)} in {vpc_id}",
            expected=f"mount targets in {wish.vpc_id}",
            fix="EFS takes mount targets in one VPC only: adopt it in that VPC, or delete those mount targets first",
        )
        for vpc_id, names in elsewhere.items()
    ]


def check_subnets_exist(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """The wanted subnets exist, in the expected VPC: the given one, else that of the mount targets, else one for all."""
    subnets = wanted_subnets(wish, seen)
    expected = wish.vpc_id or home_vpc(seen) or next((one.vpc_id for one in subnets.values()), None)
    absent = [
        found(
            "subnet-not-found",
            name,
            seen=f"no such subnet in region {seen.region}",
            expected="a subnet that exists",
            fix="check the id, the region and the account",
        )
        for name in sorted(set(wish.subnets.values()) - set(seen.subnets))
    ]
    foreign = [
        found(
            "subnet-vpc-other",
            one.subnet_id,
            seen=f"in {one.vpc_id}",
            expected=f"in {expected}",
            fix="choose a subnet of the VPC that the file system is used in",
        )
        for one in subnets.values()
        if one.vpc_id != expected
    ]
    return absent + foreign


def check_one_subnet_a_zone(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """No two wanted subnets are in one AZ, and none is wanted twice."""
    by_zone = defaultdict(list)
    for subnet in wanted_subnets(wish, seen).values():
        by_zone[subnet.availability_zone].append(subnet.subnet_id)
    return [
        found(
            "subnets-share-zone",
            zone,
            seen=f"subnets {', '.join(names)}",
            expected="one subnet an availability zone",
            fix="choose one of them: a mount target serves every subnet of its availability zone",
        )
        for zone, names in by_zone.items()
        if len(names) > 1
    ]


def check_free_addresses(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """Each subnet that gets a mount target has an address for it."""
    subnets = wanted_subnets(wish, seen)
    return [
        found(
            "subnet-full",
            subnets[key].subnet_id,
            seen="no free address",
            expected="one free address for a mount target",
            fix=f"free an address, or choose another subnet in {subnets[key].availability_zone}",
        )
        for key in creatable(wish, seen)
        if subnets[key].free_addresses < 1 and not subnets[key].ipv6_native
    ]


def check_public_subnets(wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """No mount target is, or would be, in a subnet that assigns public addresses."""
    used = {target.subnet_id for target in coverage(wish, seen).covered_by.values()}
    used |= {wish.subnets[key] for key in creatable(wish, seen)}
    return [
        found(
            "subnet-public",
            name,
            seen="assigns public addresses on launch",
            expected="a private subnet (Security Hub EFS.6)",
            fix="choose a private subnet, or turn the assignment off",
        )
        for name in sorted(used)
        if name in seen.subnets and seen.subnets[name].maps_public_ip
    ]


def check_dns(_wish: AdoptionWish, seen: Seen) -> list[Finding]:
    """The VPC resolves the file system's name, which needs DNS support and DNS hostnames."""
    if seen.vpc is None:
        return []
    off = {"DNS support": seen.vpc.dns_support, "DNS hostnames": seen.vpc.dns_hostnames}
    return [
        found(
            "vpc-dns-off",
            seen.vpc.vpc_id,
            seen=f"{name} off",
            expected=f"{name} on",
            fix="turn it on, or mount by address",
        )
        for name, value in off.items()
        if not value
    ]


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
