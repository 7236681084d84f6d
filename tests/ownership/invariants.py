"""What must always hold, whoever acts: looked at right before each call takes effect, at each success, and at the end.

Each mount target tells by its subnet who has made it, so that what the ledgers say is not needed to know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, KEY_PREFIX, RUN_SUFFIX, Ledger
from tests.ownership.desired import GIVEN
from tests.simulator.account import Account
from tests.simulator.ec2 import DeleteSecurityGroup
from tests.simulator.faults import Parameters
from tests.simulator.names import REGION

if TYPE_CHECKING:
    from tests.ownership.simulation import Adopter, Run

FOREIGN = GIVEN[0]
ENDED_SUFFIX = ".ended.run"
LONGEST_LIFE = 30 * 3600
"""Nothing of a request comes later than this."""


class Watch:
    """Knows what was made, written down and given up, and compares.

    Attributes:
        foreign: the mount targets that were there before.
        listed: what stood in a ledger at some time, by its id.
        retained: what somebody was told to keep, and has given up; nobody's from then on.
        unsure: by adopter and zone, what was given up in the same way before it was seen, or had been left to others.
    """

    def __init__(self, aws: Account, adopters: Sequence[Adopter]) -> None:
        self._aws, self._adopters = aws, adopters
        self.foreign = frozenset(aws.mount_targets)
        self.listed: set[str] = set()
        self.retained: set[str] = set()
        self.unsure: set[tuple[str, str]] = set()

    def ledgers(self) -> dict[str, Ledger]:
        return {
            key: Ledger.parse(value, REGION)
            for key, value in self._aws.tags_now().items()
            if key.startswith(KEY_PREFIX) and not key.endswith(RUN_SUFFIX)
        }

    def _made(self, name: str, adopter: Adopter) -> bool:
        description = self._aws.mount_targets[name].description
        return bool(description["SubnetId"] == adopter.subnet(description["AvailabilityZoneName"]))

    # Before each call

    def before(self, acting: tuple[Adopter, Run] | None, operation: str, parameters: Parameters) -> None:
        if acting is None or operation.startswith("Describe"):
            return
        adopter, run = acting
        if operation in ("DeleteMountTarget", "ModifyMountTargetSecurityGroups"):
            self._check_touch(adopter, run, operation, parameters["MountTargetId"])
        elif operation == "CreateMountTarget":
            zone = self._aws.subnets[parameters["SubnetId"]]["AvailabilityZone"]
            assert run.desired.create_missing, f"{adopter.name} creates, and was told not to"
            assert zone in self._ledger_of(adopter).created, f"{adopter.name} creates in {zone} before it is recorded"
        elif operation == "TagResource":
            [tag] = parameters["Tags"]
            assert tag["Key"].startswith(adopter.key), f"{adopter.name} writes {tag['Key']}"
            if tag["Key"] == adopter.key:
                self._written(adopter, run, Ledger.parse(tag["Value"], REGION))
        elif operation == "UntagResource":
            for key in parameters["TagKeys"]:
                self._check_removal(adopter, run, key)

    def _ledger_of(self, adopter: Adopter) -> Ledger:
        text = self._aws.tags_now().get(adopter.key)
        return Ledger.parse(text, REGION) if text else Ledger()

    def _written(self, adopter: Adopter, run: Run, after: Ledger) -> None:
        self.listed |= set(after.created.values()) - {INTENDED}
        before = self._ledger_of(adopter)
        for zone in before.created.keys() - after.created.keys() if run.desired.keep else ():
            ours = {one for one in self._standing(zone) if self._made(one, adopter)}
            # What it had left to others before, they may be deleting at this moment.
            if ours and zone in before.claims | before.leaving:
                self.retained |= ours
            else:
                self.unsure.add((adopter.name, zone))

    def _standing(self, zone: str) -> list[str]:
        now = self._aws.clock.now()
        return [one for one in self._aws.targets_now(zone) if self._aws.mount_targets[one].deleting_at > now]

    def _check_removal(self, adopter: Adopter, run: Run, key: str) -> None:
        value = self._aws.tags_now().get(key, "")
        if key.endswith(ENDED_SUFFIX):
            age = self._aws.clock.now() - int(value[:9] or "0", 16)
            assert age > LONGEST_LIFE, f"{adopter.name} removes the word of one that ended {age:.0f} s ago"
        elif key == adopter.key:
            self._written(adopter, run, Ledger())
        elif not key.startswith(adopter.key) and value:
            assert Ledger.parse(value, REGION).gone, f"{adopter.name} removes {key}, whose adopter is at work"

    def _check_touch(self, adopter: Adopter, run: Run, operation: str, name: str) -> None:
        doing = f"{adopter.name}: {operation} of {name}"
        assert name not in self.foreign, f"{doing}, which is somebody else's"
        record = self._aws.mount_targets.get(name)
        if record is None or record.state(self._aws.clock.now()) in (None, "deleting"):
            return
        assert name not in self.retained, f"{doing}, which was to be kept"
        listed = {one for ledger in self.ledgers().values() for one in ledger.created.values()}
        assert name in listed, f"{doing}, which no ledger lists"
        if operation == "DeleteMountTarget":
            assert not (run.desired.keep and self._made(name, adopter)), f"{doing}, which it is to keep"
            zone = record.description["AvailabilityZoneName"]
            users = [one.name for one in self._adopters if one.secure and one.deployed and zone in one.deployed.zones]
            assert not users, f"{doing} under {users}"

    # At each success

    def check_ready(self, adopter: Adopter, run: Run) -> None:
        group = run.desired.group(adopter.groups)
        own = self._ledger_of(adopter).created
        for zone in run.desired.zones:
            targets = self._aws.targets_now(zone)
            states = [self._aws.mount_targets[one].state(self._aws.clock.now()) for one in targets]
            assert states == ["available"], f"{adopter.name} was told success, but {zone} has {states}"
            if own.get(zone) == targets[0]:
                groups = self._aws.mount_targets[targets[0]].groups
                assert groups == [group], f"{adopter.name} was told success with {group}, but {zone} has {groups}"
        assert run.told <= self.listed, f"{adopter.name} knows that it has made {run.told}, and has not written it down"

    def check_let_go(self, adopter: Adopter, groups: Iterable[str], present: str) -> None:
        """CloudFormation deletes these groups next, and cannot while a mount target carries one.

        What is kept needs its group. A group of before stays on what somebody else has made and left to this adopter; so
        does the present one on what that one has kept since then.
        """
        for group in groups:
            users = [one for one in self._alive() if group in self._aws.mount_targets[one].groups]
            excused = [
                one
                for one in users
                if one in self.retained or (not self._made(one, adopter) and (group != present or self._unlisted(one)))
            ]
            if group in self._aws.security_groups and group not in adopter.retained_groups and not excused:
                DeleteSecurityGroup(self._aws, group)

    def _alive(self) -> set[str]:
        return {name for zone in "abc" for name in self._aws.targets_now(REGION + zone)}

    # At the end

    def check_nothing_left(self) -> None:
        """All are gone: so is what they made, but what was to be kept, and what nobody can tell whose it is."""
        assert self.ledgers() == {}
        left = self._alive()
        assert left >= self.foreign | self.retained
        for name in left - self.foreign - self.retained:
            assert self._may_stay(name), f"{name} is left over"

    def _may_stay(self, name: str) -> bool:
        unknown = name not in self.listed and self._aws.mount_targets[name].groups[0] in GIVEN
        return unknown or self._unlisted(name)

    def _unlisted(self, name: str) -> bool:
        """Whether its maker was told to keep it after it had been left to others."""
        maker = next(one for one in self._adopters if self._made(name, one))
        return (maker.name, self._aws.mount_targets[name].description["AvailabilityZoneName"]) in self.unsure

    def check_ended(self) -> None:
        """Of all tags only the word of those stays whose create was never answered; not for longer than it is of use."""
        now = self._aws.clock.now()
        ended = [one for one in self._adopters if one.ended_at is not None]
        young = {one.key + ENDED_SUFFIX for one in ended if now - (one.ended_at or 0) < LONGEST_LIFE}
        tags = set(self._aws.tags_now())
        assert young <= tags <= {one.key + ENDED_SUFFIX for one in ended}
