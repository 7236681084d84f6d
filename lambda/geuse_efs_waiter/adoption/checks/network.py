"""Checks of the network around the mount targets: VPC, subnets, DNS, and what covers the wanted zones. Pure, no calls."""

from __future__ import annotations

from collections import defaultdict

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.coverage import coverage, creatable, home_vpc, target_in, wanted_subnets
from geuse_efs_waiter.adoption.checks.findings import Finding, found
from geuse_efs_waiter.adoption.checks.observed import Observed


def check_vpc(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The mount targets are in the expected VPC."""
    elsewhere = defaultdict(list)
    for target in observed.mount_targets:
        if (
            target.lifecycle_state != "deleted"
            and desired.vpc_id
            and observed.vpc_of(target) not in (None, desired.vpc_id)
        ):
            elsewhere[observed.vpc_of(target)].append(target.mount_target_id)
    return [
        found(
            "vpc-other",
            desired.file_system_id,
            actual=f"{', '.join(names)} in {vpc_id}",
            expected=f"mount targets in {desired.vpc_id}",
            fix="EFS takes mount targets in one VPC only: adopt it in that VPC, or delete those mount targets first",
        )
        for vpc_id, names in elsewhere.items()
    ]


def check_subnets_exist(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The wanted subnets exist, in the expected VPC: the given one, else that of the mount targets, else one for all."""
    subnets = wanted_subnets(desired, observed)
    expected = desired.vpc_id or home_vpc(observed) or next((subnet.vpc_id for subnet in subnets.values()), None)
    absent = [
        found(
            "subnet-not-found",
            name,
            actual=f"no such subnet in region {observed.region}",
            expected="a subnet that exists",
            fix="check the id, the region and the account",
        )
        for name in sorted(set(desired.subnets.values()) - set(observed.subnets))
    ]
    foreign = [
        found(
            "subnet-vpc-other",
            subnet.subnet_id,
            actual=f"in {subnet.vpc_id}",
            expected=f"in {expected}",
            fix="choose a subnet of the VPC that the file system is used in",
        )
        for subnet in subnets.values()
        if subnet.vpc_id != expected
    ]
    return absent + foreign


def check_one_subnet_a_zone(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
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
            fix="choose one of them: a mount target serves every subnet of its availability zone",
        )
        for zone, names in by_zone.items()
        if len(names) > 1
    ]


def check_free_addresses(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Each subnet that gets a mount target has an address for it."""
    subnets = wanted_subnets(desired, observed)
    return [
        found(
            "subnet-full",
            subnets[key].subnet_id,
            actual="no free address",
            expected="one free address for a mount target",
            fix=f"free an address, or choose another subnet in {subnets[key].availability_zone}",
        )
        for key in creatable(desired, observed)
        if subnets[key].free_addresses < 1 and not subnets[key].ipv6_native
    ]


def check_public_subnets(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No mount target is, or would be, in a subnet that assigns public addresses."""
    used = {target.subnet_id for target in coverage(desired, observed).covered_by.values()}
    used |= {desired.subnets[key] for key in creatable(desired, observed)}
    return [
        found(
            "subnet-public",
            name,
            actual="assigns public addresses on launch",
            expected="a private subnet (Security Hub EFS.6)",
            fix="choose a private subnet, or turn the assignment off",
        )
        for name in sorted(used)
        if name in observed.subnets and observed.subnets[name].maps_public_ip
    ]


def check_dns(_wish: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The VPC resolves the file system's name, which needs DNS support and DNS hostnames."""
    if observed.vpc is None:
        return []
    off = {"DNS support": observed.vpc.dns_support, "DNS hostnames": observed.vpc.dns_hostnames}
    return [
        found(
            "vpc-dns-off",
            observed.vpc.vpc_id,
            actual=f"{name} off",
            expected=f"{name} on",
            fix="turn it on, or mount by address",
        )
        for name, value in off.items()
        if not value
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
            fix=f"want it in {own} only, or copy the data to a regional file system",
        )
        for zone in sorted(others)
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
        # Said already by one-zone-elsewhere.
        if key in to_create or zone != (own or zone):
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
    for home in (home_vpc(observed), desired.vpc_id):
        if home not in (None, vpc_id):
            return f"EFS takes mount targets in one VPC only, here {home}: choose a subnet of it, or leave the zone out"
    return "create one, allow creation (create_missing), or leave the zone out"


def check_failed_targets(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """No wanted zone has a mount target that never becomes available. `creating` and the like are waited for."""
    failed = {target.mount_target_id: target for target in coverage(desired, observed).failed.values()}
    return [
        found(
            "mount-target-failed",
            name,
            actual=f"life-cycle state {target.lifecycle_state} in {target.availability_zone}",
            expected="available",
            fix="look for the cause in its subnet (free addresses, network interface limit), delete it, deploy again",
        )
        for name, target in failed.items()
    ]
