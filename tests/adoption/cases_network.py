"""Adoption cases: the zones and their mount targets, the VPC and its subnets."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import ObservedVpc, Unread
from tests.adoption.builders import (
    FS,
    OWN,
    REGION,
    VPC,
    A,
    B,
    C,
    adopted,
    also,
    file_system,
    subnet,
    subnets,
    target,
    targets,
)
from tests.adoption.case import IN_A_AND_B, case, error, missing, warning

IN_ANOTHER_VPC = error("subnet-vpc-other", "subnet-c1")
ANOTHER_VPC = error("vpc-other", FS) | missing() | error("subnet-vpc-other", *(f"subnet-{letter}1" for letter in "abc"))
C_IN_ANOTHER_VPC = subnets(subnet("subnet-c1", C, vpc_id="vpc-2"))
A_IS_DELETING = targets(target(A, lifecycle_state="deleting"), target(B))
A_HAS_FAILED = targets(target(A, lifecycle_state="error"), target(B))
LOCAL, WAVELENGTH = f"{REGION}-bos-1a", f"{REGION}-wl1-bos-wlz-1"
IN_LOCAL, IN_WAVELENGTH = (subnets(subnet("subnet-z1", zone)) for zone in (LOCAL, WAVELENGTH))

ZONES = {
    **{
        f"a subnet in {zone} is refused, and nothing is created there": case(
            in_zone,
            subnets={"a": "subnet-a1", "c": "subnet-c1", "z": "subnet-z1"},
            finds=error("zone-not-served", zone),
        )
        for zone, in_zone in ((LOCAL, IN_LOCAL), (WAVELENGTH, IN_WAVELENGTH))
    },
    "a subnet in a local zone is one finding, also without creation": case(
        IN_LOCAL, create_missing=False, subnets={"z": "subnet-z1"}, finds=error("zone-not-served", LOCAL), creates=()
    ),
    "a local zone that has a mount target is served": case(
        IN_LOCAL, targets(target(LOCAL)), subnets={"z": "subnet-z1"}, creates=()
    ),
    "a mount target in another subnet of the zone covers it": case(subnets={"a": "subnet-a2"}, creates=()),
    "a mount target that names its zone by id only covers it": case(
        targets(target(A, availability_zone="", availability_zone_id="use1-a")), subnets={"a": "subnet-a2"}, creates=()
    ),
    "without creation a missing mount target is an error": case(create_missing=False, finds=missing(), creates=()),
    "without any mount target every zone is created, in the given order": case(targets(), creates=("a", "b", "c")),
    "without any mount target and without creation every zone is reported": case(
        targets(), create_missing=False, finds=missing(A, B, C), creates=()
    ),
    **{
        f"a mount target that is {state} covers its zone": case(targets(target(A, lifecycle_state=state), target(B)))
        for state in ("creating", "updating", "a state of tomorrow")
    },
    "a mount target that is deleting is replaced": case(A_IS_DELETING, creates=("a", "c")),
    "a mount target that is deleting is missing if none may be created": case(
        A_IS_DELETING, create_missing=False, subnets=IN_A_AND_B, finds=missing(A), creates=()
    ),
    **{
        f"a mount target in state {state} is not taken for done": case(
            targets(target(A, lifecycle_state=state), target(B)), finds=error("mount-target-failed", "fsmt-a")
        )
        for state in ("error", "deleted")
    },
    "a failed mount target in a zone that is not desired does not matter": case(
        A_HAS_FAILED, subnets={"b": "subnet-b1"}, creates=()
    ),
    "a failed mount target that this adoption has created is reported as well": case(
        adopted(OWN),
        targets(target(A, lifecycle_state="error", security_groups=(OWN,)), target(B)),
        own_group=OWN,
        finds=error("mount-target-failed", "fsmt-a"),
    ),
    "a mount target that is leaving does not hide the one that comes": case(
        targets(target(A, mount_target_id="fsmt-a0", lifecycle_state="deleting"), target(A), target(B))
    ),
    "a One Zone file system in its own zone is fine": case(
        file_system(availability_zone=A), targets(target(A)), subnets={"a": "subnet-a2"}, creates=()
    ),
    "a One Zone file system gets its mount target in its own zone only": case(
        file_system(availability_zone=A), targets(), finds=error("one-zone-elsewhere", B, C), creates=("a",)
    ),
    "a One Zone file system elsewhere is one finding per zone, also without creation": case(
        file_system(availability_zone=A),
        targets(target(A)),
        create_missing=False,
        subnets={"b": "subnet-b1"},
        finds=error("one-zone-elsewhere", B),
        creates=(),
    ),
}

NETWORK = {
    "a VPC that does not exist is refused": case(
        also(vpc=None), vpc_id="vpc-2", finds=error("vpc-not-found", "vpc-2") | ANOTHER_VPC, creates=()
    ),
    "mount targets in another VPC are refused, and nothing can be created": case(
        vpc_id="vpc-2", finds=ANOTHER_VPC, creates=()
    ),
    "the VPC of a mount target is known from its subnet": case(
        targets(target(A, vpc_id=None), target(B, vpc_id=None)), vpc_id="vpc-2", finds=ANOTHER_VPC, creates=()
    ),
    "where no VPC is desired that of the mount targets counts": case(vpc_id=None),
    "a desired subnet in another VPC is refused and not used": case(
        C_IN_ANOTHER_VPC, vpc_id=None, finds=IN_ANOTHER_VPC | missing(), creates=()
    ),
    "a desired subnet in another VPC does not become the norm by coming first": case(
        C_IN_ANOTHER_VPC,
        vpc_id=None,
        subnets={"c": "subnet-c1", "a": "subnet-a1"},
        finds=IN_ANOTHER_VPC | missing(),
        creates=(),
    ),
    "desired subnets in two VPCs are refused even without mount targets": case(
        targets(), C_IN_ANOTHER_VPC, vpc_id=None, finds=IN_ANOTHER_VPC, creates=("a", "b", "c")
    ),
    "a subnet that does not exist is refused": case(
        subnets={"a": "subnet-a1", "x": "subnet-x"}, finds=error("subnet-not-found", "subnet-x"), creates=()
    ),
    "two subnets in one free zone would get one mount target": case(
        targets(target(B)),
        subnets={"one": "subnet-a1", "two": "subnet-a2"},
        finds=error("subnets-share-zone", A),
        creates=("one",),
    ),
    "the same subnet twice is refused": case(
        subnets={"one": "subnet-a1", "two": "subnet-a1"}, finds=error("subnets-share-zone", A), creates=()
    ),
    "a full subnet that needs a mount target is refused": case(
        subnets(subnet("subnet-c1", C, free_addresses=0)), finds=error("subnet-full", "subnet-c1")
    ),
    "a full subnet that has its mount target is fine": case(subnets(subnet("subnet-a1", A, free_addresses=0))),
    "an IPv6-only subnet has no IPv4 addresses to run out of": case(
        subnets(subnet("subnet-c1", C, free_addresses=0, ipv6_native=True))
    ),
    "a mount target in a public subnet is reported": case(
        subnets(subnet("subnet-a1", A, maps_public_ip=True)), finds=warning("subnet-public", "subnet-a1")
    ),
    "a mount target to be created in a public subnet is reported": case(
        subnets(subnet("subnet-c1", C, maps_public_ip=True)), finds=warning("subnet-public", "subnet-c1")
    ),
    "a public subnet without mount target is fine": case(subnets(subnet("subnet-a2", A, maps_public_ip=True))),
    **{
        f"DNS with support {support} and hostnames {not support} is reported": case(
            also(vpc=ObservedVpc(VPC, dns_support=support, dns_hostnames=not support)),
            finds=warning("vpc-dns-off", VPC),
        )
        for support in (True, False)
    },
    "unreadable DNS attributes are reported as unreadable": case(
        also(vpc=None, unread=(Unread(VPC, "DNS attributes of the VPC", "UnauthorizedOperation"),)),
        finds=warning("unreadable", VPC),
    ),
}
