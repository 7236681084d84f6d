"""Adoption cases: the VPC and its subnets."""

from __future__ import annotations

from geuse_efs_waiter.adoption.checks.observed import ObservedVpc, Unread
from tests.adoption.builders import (
    FS,
    VPC,
    A,
    B,
    C,
    also,
    desired,
    observed,
    subnet,
    subnets,
    target,
    targets,
)
from tests.adoption.case import (
    Case,
    E,
    W,
    missing,
)

NETWORK = [
    Case(
        "a VPC that does not exist is refused",
        desired(vpc_id="vpc-2"),
        observed(also(vpc=None)),
        {
            ("vpc-not-found", E, "vpc-2"),
            ("vpc-other", E, FS),
            *missing(),
            *(("subnet-vpc-other", E, f"subnet-{letter}1") for letter in "abc"),
        },
        (),
    ),
    Case(
        "mount targets in another VPC are refused, and nothing can be created",
        desired(vpc_id="vpc-2"),
        observed(),
        {("vpc-other", E, FS), *missing(), *(("subnet-vpc-other", E, f"subnet-{one}1") for one in "abc")},
        (),
    ),
    Case(
        "the VPC of a mount target is known from its subnet",
        desired(vpc_id="vpc-2"),
        observed(targets(target(A, vpc_id=None), target(B, vpc_id=None))),
        {("vpc-other", E, FS), *missing(), *(("subnet-vpc-other", E, f"subnet-{one}1") for one in "abc")},
        (),
    ),
    Case("without a VPC in the wish that of the mount targets counts", desired(vpc_id=None), observed()),
    Case(
        "a wanted subnet in another VPC is refused and not used",
        desired(vpc_id=None),
        observed(subnets(subnet("subnet-c1", C, vpc_id="vpc-2"))),
        {("subnet-vpc-other", E, "subnet-c1"), *missing()},
        (),
    ),
    Case(
        "a wanted subnet in another VPC does not become the norm by coming first",
        desired(vpc_id=None, subnets={"c": "subnet-c1", "a": "subnet-a1"}),
        observed(subnets(subnet("subnet-c1", C, vpc_id="vpc-2"))),
        {("subnet-vpc-other", E, "subnet-c1"), *missing()},
        (),
    ),
    Case(
        "wanted subnets in two VPCs are refused even without mount targets",
        desired(vpc_id=None),
        observed(targets(), subnets(subnet("subnet-c1", C, vpc_id="vpc-2"))),
        {("subnet-vpc-other", E, "subnet-c1")},
        ("a", "b", "c"),
    ),
    Case(
        "a subnet that does not exist is refused",
        desired(subnets={"a": "subnet-a1", "x": "subnet-x"}),
        observed(),
        {("subnet-not-found", E, "subnet-x")},
        (),
    ),
    Case(
        "two subnets in one covered zone are refused",
        desired(subnets={"one": "subnet-a1", "two": "subnet-a2"}),
        observed(),
        {("subnets-share-zone", E, A)},
        (),
    ),
    Case(
        "two subnets in one free zone would get one mount target",
        desired(subnets={"one": "subnet-a1", "two": "subnet-a2"}),
        observed(targets(target(B))),
        {("subnets-share-zone", E, A)},
        ("one",),
    ),
    Case(
        "the same subnet twice is refused",
        desired(subnets={"one": "subnet-a1", "two": "subnet-a1"}),
        observed(),
        {("subnets-share-zone", E, A)},
        (),
    ),
    Case(
        "a full subnet that needs a mount target is refused",
        desired(),
        observed(subnets(subnet("subnet-c1", C, free_addresses=0))),
        {("subnet-full", E, "subnet-c1")},
    ),
    Case(
        "a full subnet that has its mount target is fine",
        desired(),
        observed(subnets(subnet("subnet-a1", A, free_addresses=0))),
    ),
    Case(
        "an IPv6-only subnet has no IPv4 addresses to run out of",
        desired(),
        observed(subnets(subnet("subnet-c1", C, free_addresses=0, ipv6_native=True))),
    ),
    Case(
        "a mount target in a public subnet is told",
        desired(),
        observed(subnets(subnet("subnet-a1", A, maps_public_ip=True))),
        {("subnet-public", W, "subnet-a1")},
    ),
    Case(
        "a mount target to be created in a public subnet is told",
        desired(),
        observed(subnets(subnet("subnet-c1", C, maps_public_ip=True))),
        {("subnet-public", W, "subnet-c1")},
    ),
    Case(
        "a public subnet without mount target is fine",
        desired(),
        observed(subnets(subnet("subnet-a2", A, maps_public_ip=True))),
    ),
    Case(
        "DNS support off is told",
        desired(),
        observed(also(vpc=ObservedVpc(VPC, dns_support=False, dns_hostnames=True))),
        {("vpc-dns-off", W, VPC)},
    ),
    Case(
        "DNS hostnames off is told",
        desired(),
        observed(also(vpc=ObservedVpc(VPC, dns_support=True, dns_hostnames=False))),
        {("vpc-dns-off", W, VPC)},
    ),
    Case(
        "unreadable DNS attributes are told as unreadable",
        desired(),
        observed(also(vpc=None, unread=(Unread(VPC, "DNS attributes of the VPC", "UnauthorizedOperation"),))),
        {("unreadable", W, VPC)},
    ),
]
