"""Each guard of the protocol alone: what would go wrong without it happens, at the worst moment."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import pytest

from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.adoption.ownership.apply import OwnershipRun
from geuse_efs_waiter.adoption.ownership.notes import RETAINED_TAG, RUN_TAG, Note, serial_of
from geuse_efs_waiter.adoption.ownership.observed import Observed
from geuse_efs_waiter.adoption.ownership.plan import Desired
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.errors import AwsCallError, OwnershipError, SecurityGroupNotFoundError, SupersededError
from geuse_efs_waiter.run_context import RunContext
from tests.fault_injection.adopting import GIVEN, NEIGHBOUR, NEIGHBOURS, OURS, THEIRS, define_own_group
from tests.simulator.account import Account
from tests.simulator.cloudformation import STACK_ID
from tests.simulator.ec2 import DeleteSecurityGroup
from tests.simulator.efs import DeleteMountTarget
from tests.simulator.faults import RESET, THROTTLED
from tests.simulator.names import FILE_SYSTEM

LATE = 4.9
"""Seconds that a read may be late; 5 are assumed."""
LAST_EFFECT = 29.9
"""Seconds after its note when the last call of an older run takes effect; 30 are assumed."""
A, B = "us-east-1a", "us-east-1b"


class Script:
    """An account in which things happen at given times, whatever a run is doing then."""

    def __init__(self, *, late: float = 0.0) -> None:
        self.aws = Account(creation_seconds=20, deletion_seconds=0.5)
        self.aws.add_file_system()
        self.aws.clock.sleep(1000)
        self.begun = self.aws.clock.now()
        self.aws.staleness = self.aws.ec2_staleness = lambda: late
        self.aws.clock.before_sleep = self._happen
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        for group in (THEIRS, GIVEN):
            self.aws.add_security_group(group)
        self.own_group()

    def own_group(self, group: str = OURS, stack_id: str = STACK_ID, zones: str = "abc", *, age: float = 100) -> None:
        """An own group that CloudFormation made so many seconds ago."""
        define_own_group(self.aws, group, stack_id, zones)
        _, tags = self.aws.group_tags[group].pop()
        self.aws.group_tags[group] = [(self.begun - age, tags)]

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Let something happen so many seconds after the beginning."""
        heapq.heappush(self._agenda, (self.begun + seconds, len(self._agenda), action))

    def _happen(self, until: float) -> None:
        while self._agenda and self._agenda[0][0] <= until:
            when, _, action = heapq.heappop(self._agenda)
            self.aws.clock.time = max(self.aws.clock.time, when)
            action()

    def note(self, note: Note, *, sent: float, group: str = OURS) -> None:
        """A run whose request was sent so many seconds after the beginning writes its note, now."""
        serial = serial_of(self.begun + sent, self.aws.clock.wall() + sent, "00")
        tags = {**(self.aws.group_tags_at(group) or {}), RUN_TAG + serial: note.encode()}
        self.aws.set_group_tags(group, tags)

    def earlier_note(self, note: Note, *, seconds: float) -> None:
        """A run has written its note so many seconds ago."""
        serial = serial_of(self.begun - seconds, self.aws.clock.wall() - seconds, "00")
        since, tags = self.aws.group_tags[OURS][-1]
        self.aws.group_tags[OURS].append(
            (max(since, self.begun - seconds), {**(tags or {}), RUN_TAG + serial: note.encode()})
        )

    def make(self, zone: str = "b", group: str = OURS) -> str:
        """A mount target comes into being."""
        return self.aws.add_mount_target(f"subnet-0000000{zone}", groups=(group,), ready_in=0)

    def run(self, *zones: str, sent: float = 0.0, own: str = OURS, **more: Any) -> Observed:
        """A run of the adoption whose request was sent so many seconds after the beginning; no zone is a Delete."""
        clock, direct = self.aws.clock, self.aws.direct()
        settings = {key: more.pop(key) for key in ("first", "unanswered", "digest") if key in more}
        context = RunContext(efs=direct, stack_id="", ec2=lambda: direct, clock=clock, wall_clock=clock.wall)
        desired = Desired(FILE_SYSTEM, {zone: f"subnet-0000000{zone[-1]}" for zone in zones}, ends=not zones, **more)
        serial = serial_of(self.begun + sent, clock.wall(), "80")
        return OwnershipRun(context, own, PollingDeadline(600, clock=clock), serial, desired, **settings).apply()

    def come_to_an_end(self) -> None:
        """What was still to happen happens."""
        self.aws.clock.sleep(100)

    def notes(self, group: str = OURS) -> list[Note]:
        """Those on a group, in the order of their runs."""
        tags = [{"Key": key, "Value": value} for key, value in (self.aws.group_tags_at(group) or {}).items()]
        found = Adoption.from_description({"GroupId": group, "Tags": tags}).notes
        return [found[serial] for serial in sorted(found)]


# Older runs


def test_what_a_cancelled_create_still_makes_is_deleted() -> None:
    script = Script(late=LATE)
    script.at(LAST_EFFECT, script.make)
    script.run(unanswered=True)
    script.come_to_an_end()
    assert script.aws.targets_now(B) == []


def test_what_a_run_still_makes_whose_note_is_open_is_deleted() -> None:
    script = Script(late=LATE)
    script.earlier_note(Note(), seconds=100)
    script.at(LAST_EFFECT, script.make)
    script.run()
    script.come_to_an_end()
    assert script.aws.targets_now(B) == []


def test_what_a_second_delivery_makes_is_deleted_although_its_note_comes_late() -> None:
    """It is a create and sees no note, because the first one was written a moment ago: it does not wait."""
    script = Script(late=LATE)
    script.earlier_note(Note(done=True), seconds=2)
    script.at(0.5, lambda: script.note(Note(), sent=-10))
    script.at(15, script.make)
    script.run()
    script.come_to_an_end()
    assert script.aws.targets_now(B) == []


def test_an_observation_that_began_before_older_runs_had_stopped_does_not_conclude() -> None:
    script = Script(late=LATE)
    script.earlier_note(Note(), seconds=100)
    script.make("a")
    script.aws.fail("DescribeNetworkInterfaces", THROTTLED, times=99, until=script.begun + 60)
    script.at(20, script.make)
    script.run(A)
    assert script.aws.targets_now(B) == []


def test_a_second_delivery_of_a_create_stops_at_the_note_of_a_delete_that_it_cannot_see_yet() -> None:
    script = Script(late=LATE)
    script.earlier_note(Note(done=True), seconds=100)
    script.note(Note(), sent=10)
    with pytest.raises(SupersededError):
        script.run(B, first=True)
    assert script.aws.count("CreateMountTarget") == 0


def test_a_run_that_stood_still_after_its_observation_does_not_act_on_it() -> None:
    script = Script()
    script.make("a")
    script.make()

    def stand_still(operation: str, _: dict[str, Any]) -> None:
        if operation == "DescribeNetworkInterfaces" and not script.notes()[1:]:
            script.aws.clock.time += 200
            script.note(Note(done=True), sent=300)

    script.aws.before_effect = stand_still
    with pytest.raises(SupersededError):
        script.run(A)
    assert script.aws.count("DeleteMountTarget") == 0


def test_a_call_whose_answer_was_lost_has_its_effect_before_the_run_ends() -> None:
    """Else the next update would set other groups, and this call would set them back."""
    script, effects = Script(), list[str]()
    script.make("a")
    script.aws.fail("ModifyMountTargetSecurityGroups", RESET)
    script.at(5 + 19.9, lambda: effects.append("set"))
    script.run(A, given=frozenset({GIVEN}))
    assert effects == ["set"]


def test_a_later_request_is_greater_than_a_later_run_of_an_earlier_one() -> None:
    assert serial_of(100, 9000, "ff") < serial_of(101, 200, "00")
    assert serial_of(100, 200, "ff") < serial_of(100, 200.001, "00")


# Other adoptions, and what is late


def test_what_an_owner_deletes_that_has_not_seen_the_newcomer_does_not_count_as_covered() -> None:
    script = Script(late=LATE)
    script.own_group(NEIGHBOURS, NEIGHBOUR, "c")
    used = script.make(group=NEIGHBOURS)
    script.at(LAST_EFFECT, lambda: DeleteMountTarget(script.aws, used))
    script.run(B, first=True)
    script.come_to_an_end()
    [target] = script.aws.targets_now(B)
    assert script.aws.mount_targets[target].groups == [OURS]


def test_a_group_that_another_adoption_puts_back_while_it_takes_its_own_off_is_taken_off_again() -> None:
    script = Script(late=LATE)
    script.own_group(NEIGHBOURS, NEIGHBOUR, "c")
    name = script.make(group=THEIRS)
    target = script.aws.mount_targets[name]
    target.groups = [THEIRS, OURS, NEIGHBOURS]

    def put_back() -> None:
        target.former.append((script.aws.clock.now(), target.groups))
        target.groups = [THEIRS, OURS]

    script.at(5 + LAST_EFFECT, put_back)
    script.run()
    script.come_to_an_end()
    assert target.groups == [THEIRS]


def test_nobody_sees_what_was_deleted_when_its_group_is_gone() -> None:
    script = Script()
    script.earlier_note(Note(done=True), seconds=100)
    name = script.make()
    script.run()
    DeleteSecurityGroup(script.aws, OURS)
    assert script.aws.mount_targets[name].state(script.aws.clock.now() - LATE) is None


def test_somebody_else_is_faster() -> None:
    script = Script()

    def faster(operation: str, _: dict[str, Any]) -> None:
        if operation == "CreateMountTarget" and not script.aws.targets_now(B):
            script.make(group=THEIRS)

    script.aws.before_effect = faster
    script.run(B, first=True)
    assert script.aws.count("CreateMountTarget") == 1


def test_an_own_group_that_is_listed_late_is_not_gone() -> None:
    script = Script(late=LATE)
    script.own_group(age=1)
    script.run(B, first=True)
    assert script.aws.targets_now(B)


def test_an_own_group_that_is_gone_and_still_listed_is_gone() -> None:
    script = Script(late=LATE)
    DeleteSecurityGroup(script.aws, OURS)
    with pytest.raises(AwsCallError, match=OURS):
        script.run()


def test_what_was_retained_is_nobodys_also_when_the_same_stack_adopts_again() -> None:
    script = Script()
    retained = script.make()
    script.earlier_note(Note(done=True, settled=("d",)), seconds=100)
    script.run(retain=True)
    again = "sg-00000077"
    script.own_group(again)
    script.run(own=again, sent=100)
    assert script.aws.targets_now(B) == [retained]


# Failures


def refused(script: Script, **more: Any) -> None:
    """A Delete that is refused, because a neighbour wants the zone."""
    if NEIGHBOURS not in script.aws.security_groups:
        script.own_group(NEIGHBOURS, NEIGHBOUR, "b")
    with pytest.raises(OwnershipError, match="is wanted by stack neighbour"):
        script.run(**more)


def test_a_failure_that_changed_nothing_is_done() -> None:
    script = Script()
    script.make()
    refused(script)
    assert [note.done for note in script.notes()] == [True]


def test_a_failure_that_changed_something_stays_open() -> None:
    script = Script()
    script.aws.fail("CreateMountTarget", "NoFreeAddressesInSubnet", when=lambda given: given["SubnetId"][-1] == "b")
    with pytest.raises(AwsCallError, match="NoFreeAddressesInSubnet"):
        script.run(A, B, first=True)
    assert [note.done for note in script.notes()] == [False]


def test_a_failure_whose_only_change_was_not_answered_stays_open() -> None:
    script = Script()
    script.aws.fail("CreateMountTarget", RESET)
    script.aws.fail("CreateMountTarget", "NoFreeAddressesInSubnet", skip=0)
    with pytest.raises(AwsCallError, match="NoFreeAddressesInSubnet"):
        script.run(A, first=True)
    assert [note.done for note in script.notes()] == [False]


def test_an_older_request_does_not_go_on_after_a_later_one_has_failed() -> None:
    script = Script()
    script.make()
    refused(script, sent=10)
    with pytest.raises(SupersededError):
        script.run(A)


def test_a_failure_keeps_what_was_settled_and_given() -> None:
    script = Script()
    script.make("a")
    script.run(A, digest="d1", given=frozenset({GIVEN}))
    script.own_group(NEIGHBOURS, NEIGHBOUR, "a")
    refused(script, sent=100)
    [note] = script.notes()
    assert note == Note(done=True, settled=("d1",), given=frozenset({GIVEN}))


def test_a_failure_keeps_the_open_notes_of_older_runs() -> None:
    script = Script()
    script.make()
    script.earlier_note(Note(), seconds=100)
    refused(script)
    assert [note.done for note in script.notes()] == [False, True]


# Notes


def test_an_update_leaves_one_note_that_knows_the_last_two_properties() -> None:
    script = Script()
    script.make("a")
    for number in range(3):
        script.run(A, sent=10.0 * number, digest=f"d{number}")
        script.aws.clock.sleep(10)
    [note] = script.notes()
    assert note == Note(done=True, settled=("d2", "d1"))


@pytest.mark.parametrize("retain", [True, False])
def test_a_group_says_that_its_adoption_is_gone(retain: bool) -> None:
    """CloudFormation may retain it, or fail to delete it: it must not seem to want anything."""
    script = Script()
    script.run(retain=retain)
    assert RETAINED_TAG in (script.aws.group_tags_at(OURS) or {})


def test_an_old_request_does_not_go_on_where_only_a_retained_group_is_left() -> None:
    script = Script()
    script.aws.set_group_tags(OURS, {**(script.aws.group_tags_at(OURS) or {}), RETAINED_TAG: "true"})
    with pytest.raises(SecurityGroupNotFoundError, match="is gone, or its adoption"):
        script.run(B, first=True)
    assert script.aws.count("CreateMountTarget") == 0


def test_a_deletion_may_be_tried_again_where_the_group_could_not_be_deleted() -> None:
    script = Script()
    script.run()
    script.make()
    script.run(sent=10)
    assert script.aws.targets_now(B) == []


def test_groups_that_were_replaced_say_so_before_the_one_that_carries_the_note() -> None:
    script = Script()
    for orphan in ("sg-00000000", "sg-00000077"):
        script.own_group(orphan)
    script.run()
    tagged = [given["Resources"][0] for _, operation, given in script.aws.calls if operation == "CreateTags"]
    assert tagged == [OURS, "sg-00000000", "sg-00000077", OURS]


def test_so_does_a_group_that_was_replaced_and_retained() -> None:
    script = Script()
    orphan = "sg-00000077"
    script.own_group(orphan)
    script.run()
    assert RETAINED_TAG in (script.aws.group_tags_at(orphan) or {})


def test_a_sole_creator_waits_for_nothing_beside_the_creation() -> None:
    script = Script()
    script.run(A, B, first=True)
    assert script.aws.clock.now() - script.begun < 20 + 6
