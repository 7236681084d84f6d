"""Checks of the network around the mount targets: VPC, subnets, DNS. Pure, no calls."""

from __future__ import annotations

from collections import defaultdict

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.coverage import coverage, creatable, home_vpc, wanted_subnets
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
        )
        for vpc_id, names in elsewhere.items()
    ]


def check_vpc_exists(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """The expected VPC exists."""
    vpc_id = desired.vpc_id
    if vpc_id is None or observed.vpc is not None or observed.is_unreadable(vpc_id):
        return []
    return [
        found(
            "vpc-not-found",
            vpc_id,
            actual=f"no such VPC in region {observed.region}, account {observed.account or 'unknown'}",
            expected="a VPC that exists there",
        )
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
        )
        for name in sorted(set(desired.subnets.values()) - set(observed.subnets))
    ]
    foreign = [
        found(
            "subnet-vpc-other",
            subnet.subnet_id,
            actual=f"in {subnet.vpc_id}",
            expected=f"in {expected}",
        )
        for subnet in subnets.values()
        if subnet.vpc_id != expected
    ]
    return absent + foreign


def check_free_addresses(desired: AdoptionSpec, observed: Observed) -> list[Finding]:
    """Each subnet that gets a mount target has an address for it."""
    subnets = wanted_subnets(desired, observed)
    return [
        found(
            "subnet-full",
            subnets[key].subnet_id,
            actual="no free address",
            expected="one free address for a mount target",
            zone=subnets[key].availability_zone,
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
        )
        for name, value in off.items()
        if not value
    ]
