"""Adoption cases: other adoptions of the file system, and what people do to their mount targets."""

from __future__ import annotations

from geuse_efs_waiter.adoption.ownership.notes import Note
from tests.adoption.builders import NFS, OTHERS, OWN, A, B, adopted, desired, observed, target, targets
from tests.adoption.case import OFF, Case, E, Expected, W

OF_ADOPTION: Expected = {("mount-target-of-adoption", E, "fsmt-a")}
CHANGED: Expected = {("mount-target-changed", W, "fsmt-a")}
GIVES = {"0" * 21: Note(done=True, given=frozenset({NFS}))}

OWNERSHIP = [
    Case(
        "what another adoption has created goes with its stack",
        desired(own_group=OWN),
        observed(adopted(OWN), adopted(OTHERS), targets(target(A, security_groups=(OTHERS,)), target(B))),
        OF_ADOPTION,
    ),
    Case(
        "the command has no own group, and is told the same",
        desired(),
        observed(adopted(OTHERS), targets(target(A, security_groups=(OTHERS,)), target(B))),
        OF_ADOPTION,
    ),
    Case(
        "what another adoption has created in a zone that is not wanted does not matter",
        desired(subnets={"b": "subnet-b1"}),
        observed(adopted(OTHERS), targets(target(A, security_groups=(OTHERS,)), target(B))),
        OFF,
        (),
    ),
    Case(
        "what is being deleted covers nothing, whoever has created it",
        desired(),
        observed(adopted(OTHERS), targets(target(A, lifecycle_state="deleting", security_groups=(OTHERS,)), target(B))),
        OFF,
        ("a", "c"),
    ),
    Case(
        "what was retained goes with nobody",
        desired(),
        observed(adopted(OTHERS, retained=True), targets(target(A, security_groups=(OTHERS,)), target(B))),
    ),
    Case(
        "what this adoption has created itself is fine",
        desired(own_group=OWN),
        observed(adopted(OWN), targets(target(A, security_groups=(OWN,)), target(B))),
    ),
    Case(
        "so it is with the group of before, while an update replaces it",
        desired(own_group=OWN),
        observed(
            adopted(OWN, identity="same"),
            adopted(OTHERS, identity="same"),
            targets(target(A, security_groups=(OTHERS,)), target(B)),
        ),
    ),
    Case(
        "and with a group that is given beside it",
        desired(own_group=OWN, security_group_ids=(NFS,)),
        observed(adopted(OWN), targets(target(A, security_groups=(OWN, NFS)), target(B))),
    ),
    Case(
        "a person has changed what this adoption created",
        desired(own_group=OWN),
        observed(adopted(OWN), targets(target(A, security_groups=(OWN, NFS)), target(B))),
        CHANGED,
    ),
    Case(
        "a person has changed what another adoption created",
        desired(),
        observed(adopted(OTHERS), targets(target(A, security_groups=(OTHERS, NFS)), target(B))),
        CHANGED | OF_ADOPTION,
    ),
    Case(
        "what another adoption gives beside its own group is no change",
        desired(),
        observed(adopted(OTHERS, notes=GIVES), targets(target(A, security_groups=(OTHERS, NFS)), target(B))),
        OF_ADOPTION,
    ),
    Case(
        "the own group of another adoption cannot be given",
        desired(own_group=OWN, security_group_ids=(OTHERS,)),
        observed(adopted(OWN), adopted(OTHERS)),
        {("security-group-of-adoption", E, OTHERS)},
    ),
    Case(
        "nor can the own one",
        desired(own_group=OWN, security_group_ids=(OWN,)),
        observed(adopted(OWN)),
        {("security-group-of-adoption", E, OWN)},
    ),
]
