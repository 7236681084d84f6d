"""Adoption cases: zones and their mount targets."""

from __future__ import annotations

from tests.adoption.builders import (
    OWN,
    REGION,
    A,
    B,
    C,
    Change,
    adopted,
    desired,
    file_system,
    observed,
    subnet,
    subnets,
    target,
    targets,
)
from tests.adoption.case import (
    IN_A_AND_B,
    OFF,
    Case,
    E,
    missing,
)

LOCAL, WAVELENGTH = f"{REGION}-bos-1a", f"{REGION}-wl1-bos-wlz-1"


def in_zone(zone: str) -> Change:
    """A subnet in that zone."""
    return subnets(subnet("subnet-z1", zone))


ZONES = [
    *(
        Case(
            f"a subnet in {zone} is refused, and nothing is created there",
            desired(subnets={"a": "subnet-a1", "c": "subnet-c1", "z": "subnet-z1"}),
            observed(in_zone(zone)),
            {("zone-not-served", E, zone)},
        )
        for zone in (LOCAL, WAVELENGTH)
    ),
    Case(
        "a subnet in a local zone is one finding, also without creation",
        desired(create_missing=False, subnets={"z": "subnet-z1"}),
        observed(in_zone(LOCAL)),
        {("zone-not-served", E, LOCAL)},
        (),
    ),
    Case(
        "a local zone that has a mount target is served",
        desired(subnets={"z": "subnet-z1"}),
        observed(in_zone(LOCAL), targets(target(LOCAL))),
        OFF,
        (),
    ),
    Case(
        "a mount target in another subnet of the zone covers it",
        desired(subnets={"a": "subnet-a2"}),
        observed(),
        OFF,
        (),
    ),
    Case(
        "a mount target that names its zone by id only covers it",
        desired(subnets={"a": "subnet-a2"}),
        observed(targets(target(A, availability_zone="", availability_zone_id="use1-a"))),
        OFF,
        (),
    ),
    Case(
        "without creation a missing mount target is an error", desired(create_missing=False), observed(), missing(), ()
    ),
    Case(
        "without any mount target every zone is created, in the order of the wish",
        desired(),
        observed(targets()),
        OFF,
        ("a", "b", "c"),
    ),
    Case(
        "without any mount target and without creation every zone is told",
        desired(create_missing=False),
        observed(targets()),
        missing(A) | missing(B) | missing(C),
        (),
    ),
    *(
        Case(
            f"a mount target that is {state} covers its zone",
            desired(),
            observed(targets(target(A, lifecycle_state=state), target(B))),
        )
        for state in ("creating", "updating", "a state of tomorrow")
    ),
    Case(
        "a mount target that is deleting is replaced",
        desired(),
        observed(targets(target(A, lifecycle_state="deleting"), target(B))),
        OFF,
        ("a", "c"),
    ),
    Case(
        "a mount target that is deleting is missing if none may be created",
        desired(create_missing=False, **IN_A_AND_B),
        observed(targets(target(A, lifecycle_state="deleting"), target(B))),
        missing(A),
        (),
    ),
    *(
        Case(
            f"a mount target in state {state} is not taken for done",
            desired(),
            observed(targets(target(A, lifecycle_state=state), target(B))),
            {("mount-target-failed", E, "fsmt-a")},
        )
        for state in ("error", "deleted")
    ),
    Case(
        "a failed mount target in a zone nobody wants does not matter",
        desired(subnets={"b": "subnet-b1"}),
        observed(targets(target(A, lifecycle_state="error"), target(B))),
        OFF,
        (),
    ),
    Case(
        "a failed mount target of ours is told as well",
        desired(own_group=OWN),
        observed(adopted(OWN), targets(target(A, lifecycle_state="error", security_groups=(OWN,)), target(B))),
        {("mount-target-failed", E, "fsmt-a")},
    ),
    Case(
        "a mount target that is leaving does not hide the one that comes",
        desired(),
        observed(targets(target(A, mount_target_id="fsmt-a0", lifecycle_state="deleting"), target(A), target(B))),
    ),
    Case(
        "a One Zone file system in its own zone is fine",
        desired(subnets={"a": "subnet-a2"}),
        observed(file_system(availability_zone=A), targets(target(A))),
        OFF,
        (),
    ),
    Case(
        "a One Zone file system gets its mount target in its own zone only",
        desired(),
        observed(file_system(availability_zone=A), targets()),
        {("one-zone-elsewhere", E, B), ("one-zone-elsewhere", E, C)},
        ("a",),
    ),
    Case(
        "a One Zone file system elsewhere is one finding a zone, also without creation",
        desired(create_missing=False, subnets={"b": "subnet-b1"}),
        observed(file_system(availability_zone=A), targets(target(A))),
        {("one-zone-elsewhere", E, B)},
        (),
    ),
]
