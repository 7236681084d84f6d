"""The plan as a table: what one observation leads to. No calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.adoption.ownership.notes import Note
from geuse_efs_waiter.adoption.ownership.observed import Observed
from geuse_efs_waiter.adoption.ownership.plan import Change, Desired, Refuse, Step, Wait, plan
from geuse_efs_waiter.models import MountTargetResource

FILE_SYSTEM = "fs-00000001"
OWN, REPLACED, GIVEN, ELSE, PERSON = "sg-own", "sg-before", "sg-given", "sg-else", "sg-person"
A, B = "us-east-1a", "us-east-1b"
DONE = {"0" * 21: Note(done=True, settled=("d1",), given=frozenset({GIVEN}))}
OURS = Adoption(OWN, stack="ours", identity="ours", notes=DONE)
BEFORE = replace(OURS, group=REPLACED, notes={})
OTHERS = Adoption(ELSE, stack="theirs", identity="theirs", zones=frozenset({A}))


def target(zone: str, state: str = "available") -> MountTargetResource:
    return MountTargetResource(f"fsmt-{zone[-1]}", FILE_SYSTEM, f"subnet-{zone[-1]}", zone, None, state)


def observed(
    *targets: tuple[MountTargetResource, Iterable[str] | None], adoptions: Iterable[Adoption] = (OURS,)
) -> Observed:
    carried = {one.mount_target_id: frozenset(groups) for one, groups in targets if groups is not None}
    return Observed(OWN, {one.group: one for one in adoptions}, tuple(one for one, _ in targets), carried)


def desired(*zones: str, **more: Any) -> Desired:
    return Desired(FILE_SYSTEM, {zone: f"subnet-{zone[-1]}" for zone in zones}, **more)


def create(zone: str, *groups: str) -> str:
    return f"create_mount_target {zone[-1]} {'+'.join(sorted(groups))}"


def set_groups(zone: str, *groups: str) -> str:
    return f"modify_mount_target_security_groups {zone[-1]} {'+'.join(sorted(groups))}"


def delete(zone: str) -> str:
    return f"delete_mount_target {zone[-1]}"


def told(step: Step) -> str:
    """A step as the table writes it."""
    if not isinstance(step, Change):
        return type(step).__name__
    given: Mapping[str, Any] = step.parameters
    name = given.get("SubnetId") or given["MountTargetId"]
    return " ".join([step.method, name[-1], *filter(None, ["+".join(given.get("SecurityGroups", ()))])])


class Row(NamedTuple):
    what: str
    desired: Desired
    observed: Observed
    expected: tuple[str, ...] = ()


ENDS = Desired(FILE_SYSTEM, ends=True)
WAIT, REFUSE = "Wait", "Refuse"

WANTED = [
    Row("nothing is there: create", desired(A), observed(), (create(A, OWN),)),
    Row(
        "the given groups are created with it",
        desired(A, given=frozenset({GIVEN})),
        observed(),
        (create(A, OWN, GIVEN),),
    ),
    Row("nothing may be created: wait", desired(A, create_missing=False), observed(), (WAIT,)),
    Row("owned, as it is to be: nothing", desired(A), observed((target(A), [OWN]))),
    Row(
        "owned, another group is given: set",
        desired(A, given=frozenset({"sg-next"})),
        observed((target(A), [OWN, GIVEN])),
        (set_groups(A, OWN, "sg-next"),),
    ),
    Row(
        "owned, no group is given any more: set", desired(A), observed((target(A), [OWN, GIVEN])), (set_groups(A, OWN),)
    ),
    Row(
        "owned, with the group of before: set",
        desired(A),
        observed((target(A), [REPLACED]), adoptions=(OURS, BEFORE)),
        (set_groups(A, OWN),),
    ),
    Row("foreign: covered", desired(A), observed((target(A), [PERSON]))),
    Row("another adoption's: covered", desired(A), observed((target(A), [ELSE]), adoptions=(OURS, OTHERS))),
    Row("a person has added a group: left alone", desired(A), observed((target(A), [OWN, PERSON]))),
    Row(
        "foreign, with the group of before: it gives way",
        desired(A),
        observed((target(A), [PERSON, REPLACED]), adoptions=(OURS, BEFORE)),
        (set_groups(A, PERSON, OWN),),
    ),
    *(
        Row(f"{state}: wait", desired(A), observed((target(A, state), [OWN])), (WAIT,))
        for state in ("creating", "updating", "deleting", "a state of tomorrow")
    ),
    Row("its interface is not listed yet: wait", desired(A), observed((target(A), None)), (WAIT,)),
    *(
        Row(f"{state}: refuse", desired(A), observed((target(A, state), [OWN])), (REFUSE,))
        for state in ("error", "deleted")
    ),
    Row(
        "one goes and one is there: the one that is there",
        desired(A),
        observed((replace(target(A, "deleting"), mount_target_id="fsmt-0"), [OWN]), (target(A), [OWN])),
    ),
    Row("one zone is missing, one is owned", desired(A, B), observed((target(A), [OWN])), (create(B, OWN),)),
]

NOT_WANTED = [
    Row("owned: delete", ENDS, observed((target(A), [OWN])), (delete(A),)),
    Row(
        "owned, with a given group that the notes know: delete", ENDS, observed((target(A), [OWN, GIVEN])), (delete(A),)
    ),
    Row(
        "owned, with a given group that the properties name: delete",
        Desired(FILE_SYSTEM, ends=True, given=frozenset({"sg-next"})),
        observed((target(A), [OWN, "sg-next"])),
        (delete(A),),
    ),
    Row("owned, in error: delete", ENDS, observed((target(A, "error"), [OWN])), (delete(A),)),
    Row("owned, creating: delete", ENDS, observed((target(A, "creating"), [OWN])), (delete(A),)),
    Row(
        "owned, with the group of before: delete",
        ENDS,
        observed((target(A), [REPLACED]), adoptions=(OURS, BEFORE)),
        (delete(A),),
    ),
    Row("owned, deleting: wait", ENDS, observed((target(A, "deleting"), [OWN])), (WAIT,)),
    Row("its interface is not listed: wait", ENDS, observed((target(A), None)), (WAIT,)),
    Row("in error without an interface: nothing", ENDS, observed((target(A, "error"), None))),
    Row("foreign: nothing", ENDS, observed((target(A), [PERSON]))),
    Row("another adoption's: nothing", ENDS, observed((target(A), [ELSE]), adoptions=(OURS, OTHERS))),
    Row("foreign, with the own group: taken off", ENDS, observed((target(A), [PERSON, OWN])), (set_groups(A, PERSON),)),
    Row(
        "foreign, with the own group, not available: wait",
        ENDS,
        observed((target(A, "updating"), [PERSON, OWN])),
        (WAIT,),
    ),
    Row("a zone less: delete", desired(A), observed((target(A), [OWN]), (target(B), [OWN])), (delete(B),)),
    Row("a wanted zone comes first", desired(A), observed((target(B), [OWN])), (create(A, OWN),)),
]

GUARD = [
    Row(
        "another adoption wants the zone: refuse",
        ENDS,
        observed((target(A), [OWN]), adoptions=(OURS, OTHERS)),
        (REFUSE,),
    ),
    Row("it wants another zone: delete", ENDS, observed((target(B), [OWN]), adoptions=(OURS, OTHERS)), (delete(B),)),
    Row(
        "its stack is gone, and the group was retained: delete",
        ENDS,
        observed((target(A), [OWN]), adoptions=(OURS, replace(OTHERS, retained=True))),
        (delete(A),),
    ),
    Row(
        "the stack insists: delete",
        Desired(FILE_SYSTEM, ends=True, allow_deletion=True),
        observed((target(A), [OWN]), adoptions=(OURS, OTHERS)),
        (delete(A),),
    ),
    Row("already deleting: wait", ENDS, observed((target(A, "deleting"), [OWN]), adoptions=(OURS, OTHERS)), (WAIT,)),
    Row(
        "refused before anything is created",
        desired(B),
        observed((target(A), [OWN]), adoptions=(OURS, OTHERS)),
        (REFUSE,),
    ),
    Row(
        "refused before anything is deleted",
        ENDS,
        observed((target(B), [OWN]), (target(A), [OWN]), adoptions=(OURS, OTHERS)),
        (REFUSE,),
    ),
    Row(
        "a roll-back leaves what another adoption wants",
        desired(B, roll_back=True),
        observed((target(A), [OWN]), (target(B), [OWN]), adoptions=(OURS, OTHERS)),
    ),
    Row(
        "a roll-back gives it its own groups",
        desired(B, roll_back=True),
        observed((target(A), [OWN, GIVEN]), (target(B), [OWN]), adoptions=(OURS, OTHERS)),
        (set_groups(A, OWN),),
    ),
    Row(
        "a roll-back deletes what nobody wants",
        desired(B, roll_back=True),
        observed((target(A), [OWN]), (target(B), [OWN])),
        (delete(A),),
    ),
]

RETAINED = [
    Row("retained: nothing", Desired(FILE_SYSTEM, ends=True, retain=True), observed((target(A), [OWN, GIVEN]))),
    Row(
        "retained, although another adoption wants the zone: nothing",
        Desired(FILE_SYSTEM, ends=True, retain=True),
        observed((target(A), [OWN]), adoptions=(OURS, OTHERS)),
    ),
    Row(
        "retained, in a zone less: set to the groups of now",
        desired(B, retain=True),
        observed((target(A), [OWN, GIVEN]), (target(B), [OWN])),
        (set_groups(A, OWN),),
    ),
    Row(
        "retained, but never complete: delete",
        Desired(FILE_SYSTEM, ends=True, retain=True),
        observed((target(A), [OWN]), adoptions=(replace(OURS, notes={}),)),
        (delete(A),),
    ),
    Row(
        "retained, foreign, with the own group: taken off",
        Desired(FILE_SYSTEM, ends=True, retain=True),
        observed((target(A), [PERSON, OWN])),
        (set_groups(A, PERSON),),
    ),
]


@pytest.mark.parametrize("row", WANTED, ids=lambda row: row.what)
def test_in_a_wanted_zone(row: Row) -> None:
    assert tuple(map(told, plan(row.desired, row.observed))) == row.expected


@pytest.mark.parametrize("row", NOT_WANTED, ids=lambda row: row.what)
def test_in_a_zone_that_is_not_wanted(row: Row) -> None:
    assert tuple(map(told, plan(row.desired, row.observed))) == row.expected


@pytest.mark.parametrize("row", GUARD, ids=lambda row: row.what)
def test_in_a_zone_that_another_adoption_wants(row: Row) -> None:
    assert tuple(map(told, plan(row.desired, row.observed))) == row.expected


@pytest.mark.parametrize("row", RETAINED, ids=lambda row: row.what)
def test_where_what_was_created_is_retained(row: Row) -> None:
    assert tuple(map(told, plan(row.desired, row.observed))) == row.expected


def test_a_refusal_names_the_mount_target_the_stacks_and_the_ways_out() -> None:
    [step] = plan(ENDS, observed((target(A), [OWN]), adoptions=(OURS, OTHERS)))
    assert isinstance(step, Refuse)
    for words in (
        "mount target fsmt-a in us-east-1a",
        "stack theirs (security group sg-else)",
        "retain_created=True",
        "allow_deletion_while_adopted=True",
    ):
        assert words in step.text


def test_a_wait_says_what_for() -> None:
    assert plan(desired(A), observed((target(A, "creating"), [OWN]))) == [
        Wait("mount target fsmt-a in us-east-1a is creating")
    ]


def test_the_address_type_is_asked_for() -> None:
    [step] = plan(desired(A, ip_address_type="IPV6_ONLY"), observed())
    assert isinstance(step, Change)
    assert step.parameters["IpAddressType"] == "IPV6_ONLY"


@pytest.mark.parametrize("note", [Note(), Note(True, ("a", "b"), frozenset({"sg-1", "sg-2"})), Note(False, ("a",))])
def test_a_note_reads_back_as_it_was_written(note: Note) -> None:
    assert Note.parse(note.encode()) == note


@pytest.mark.parametrize("text", ["", "nonsense", "v2 c=a", "finished settled=1"])
def test_what_is_no_note_was_not_written_by_a_run_that_is_done(text: str) -> None:
    assert not Note.parse(text).done


def test_a_note_with_all_that_it_may_hold_fits_into_a_tag() -> None:
    groups = frozenset(f"sg-{number:017x}" for number in range(8))
    assert len(Note(True, ("12345678", "87654321"), groups).encode()) <= 256
