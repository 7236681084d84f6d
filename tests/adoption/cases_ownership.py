"""Adoption cases: other adoptions of the file system, and what people do to their mount targets."""

from __future__ import annotations

from geuse_efs_waiter.adoption.ownership.notes import Note
from tests.adoption.builders import NFS, OTHERS, OWN, A, B, Change, adopted, target, targets
from tests.adoption.case import case, error, warning

OF_ADOPTION = error("mount-target-of-adoption", "fsmt-a")
CHANGED = warning("mount-target-changed", "fsmt-a")
GIVES = {"0" * 21: Note(done=True, given=frozenset({NFS}))}


def in_a(*groups: str, state: str = "available") -> Change:
    """The mount target in zone a has these groups."""
    return targets(target(A, lifecycle_state=state, security_groups=groups), target(B))


OWNERSHIP = {
    "what another adoption has created goes with its stack": case(
        adopted(OWN), adopted(OTHERS), in_a(OTHERS), own_group=OWN, finds=OF_ADOPTION
    ),
    "the command has no own group, and finds the same": case(adopted(OTHERS), in_a(OTHERS), finds=OF_ADOPTION),
    "what another adoption has created in a zone that is not desired does not matter": case(
        adopted(OTHERS), in_a(OTHERS), subnets={"b": "subnet-b1"}, creates=()
    ),
    "what is being deleted covers nothing, whichever adoption has created it": case(
        adopted(OTHERS), in_a(OTHERS, state="deleting"), creates=("a", "c")
    ),
    "what was retained goes with no stack": case(adopted(OTHERS, retained=True), in_a(OTHERS)),
    "what this adoption has created itself is fine": case(adopted(OWN), in_a(OWN), own_group=OWN),
    "so it is with the group of before, while an update replaces it": case(
        adopted(OWN, identity="same"), adopted(OTHERS, identity="same"), in_a(OTHERS), own_group=OWN
    ),
    "and with a group that is given beside it": case(
        adopted(OWN), in_a(OWN, NFS), own_group=OWN, security_group_ids=(NFS,)
    ),
    "a person has changed what this adoption created": case(adopted(OWN), in_a(OWN, NFS), own_group=OWN, finds=CHANGED),
    "a person has changed what another adoption created": case(
        adopted(OTHERS), in_a(OTHERS, NFS), finds=CHANGED | OF_ADOPTION
    ),
    "what another adoption gives beside its own group is no change": case(
        adopted(OTHERS, notes=GIVES), in_a(OTHERS, NFS), finds=OF_ADOPTION
    ),
    "the own group of another adoption cannot be given": case(
        adopted(OWN),
        adopted(OTHERS),
        own_group=OWN,
        security_group_ids=(OTHERS,),
        finds=error("security-group-of-adoption", OTHERS),
    ),
    "nor can the own one": case(
        adopted(OWN), own_group=OWN, security_group_ids=(OWN,), finds=error("security-group-of-adoption", OWN)
    ),
}
