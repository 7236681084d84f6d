"""What must always hold, whoever acts: looked at right before each call takes effect, at each success, and at the end.

Who uses and who owns what is known from what CloudFormation was told and who has called, not from what groups and tags say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tests.simulator.account import Account
from tests.simulator.ec2 import DeleteSecurityGroup
from tests.simulator.faults import Parameters
from tests.simulator.names import REGION

if TYPE_CHECKING:
    from tests.ownership.simulation import Adopter, Run


class Watch:
    """Knows whose each mount target and group is, and compares.

    Attributes:
        foreign: the mount targets that no adopter has made, and the groups that they carried.
        retained: groups whose adopters were deleted and told to keep what was made.
        orphans: groups that CloudFormation has retained when it replaced them.
    """

    def __init__(self, aws: Account, adopters: Sequence[Adopter]) -> None:
        self._aws, self._adopters = aws, adopters
        self.foreign = {name: set(target.groups) for name, target in aws.mount_targets.items()}
        self.retained: set[str] = set()
        self.orphans: set[str] = set()
        self._insisted: dict[str, float] = {}

    def users(self, zone: str) -> list[Adopter]:
        """The adopters that were told success and rely on the zone."""
        return [one for one in self._adopters if one.secure and one.deployed and zone in one.deployed.zones]

    def alive(self) -> set[str]:
        return {name for zone in "abc" for name in self._aws.targets_now(REGION + zone)}

    def _state(self, name: str) -> str | None:
        return self._aws.mount_targets[name].state(self._aws.clock.now())

    # Before each call

    def before(self, acting: tuple[Adopter, Run] | None, operation: str, parameters: Parameters) -> None:
        if acting is None or operation.startswith("Describe"):
            return
        adopter, run = acting
        doing = f"{adopter.name}.{run.name} ({run.kind}): {operation} {parameters}"
        if operation == "CreateMountTarget":
            assert run.desired.create_missing, f"{doing}, and was told not to"
            assert set(parameters["SecurityGroups"]) == {run.own, *run.desired.groups}, doing
        if operation in ("CreateTags", "DeleteTags"):
            assert set(parameters["Resources"]) <= adopter.every, f"{doing}: another adopter's group"
        name = parameters.get("MountTargetId", "")
        if name not in self._aws.mount_targets or self._state(name) in (None, "deleting"):
            return
        if operation == "DeleteMountTarget":
            self._check_deletion(adopter, run, name, doing)
        elif operation == "ModifyMountTargetSecurityGroups":
            self._check_groups(adopter, name, set(parameters["SecurityGroups"]), doing)

    def _check_deletion(self, adopter: Adopter, run: Run, name: str, doing: str) -> None:
        target = self._aws.mount_targets[name]
        assert name not in self.foreign, f"{doing}, which no adopter has made"
        assert set(target.groups) & adopter.every, f"{doing}, which another adopter has made"
        assert not set(target.groups) & self.retained, f"{doing}, which was to be kept"
        assert not (run.desired.retain and adopter.deployed), f"{doing}, and is to keep it"
        zone = target.description["AvailabilityZoneName"]
        if run.desired.insists:
            self._insisted[zone] = self._aws.clock.now()
        for user in self.users(zone):
            assert run.desired.insists, f"{doing} under {user.name}"
            # It was told so.
            user.secure = False

    def _check_groups(self, adopter: Adopter, name: str, wanted: set[str], doing: str) -> None:
        present = set(self._aws.mount_targets[name].groups)
        assert not (present & self.retained) - wanted, f"{doing}, which takes off what was retained"
        if name in self.foreign:
            # One that is at work may find its group put back, and takes it off again.
            own = {group for one in self._adopters if one is adopter or not one.secure for group in one.every}
            assert (wanted ^ present) <= own, f"{doing}, which is another owner's and has {present}"
        else:
            assert present & adopter.every, f"{doing}, which another adopter has made"

    # At each success

    def check_ready(self, adopter: Adopter, run: Run) -> None:
        for zone in run.desired.zones:
            targets = self._aws.targets_now(zone)
            states = [self._state(name) for name in targets]
            if self._insisted.get(zone, -1.0) >= run.began and states != ["available"]:
                # Another adopter has insisted on it meanwhile, although this one wants the zone.
                adopter.secure = False
                continue
            assert states == ["available"], f"{adopter.name} was told success, but {zone} has {states}"
        for name in self.alive() - self.foreign.keys():
            groups = set(self._aws.mount_targets[name].groups)
            if groups & adopter.every - self.retained:
                assert groups == {run.own, *run.desired.groups}, f"{adopter.name} was told success; {name} has {groups}"

    def check_let_go(self, adopter: Adopter, groups: Iterable[str]) -> None:
        """CloudFormation deletes these groups next, and cannot while a mount target carries one."""
        for group in sorted(groups):
            users = [name for name in self.alive() if group in self._aws.mount_targets[name].groups]
            assert not users, f"{adopter.name} is told success, but {users} carry {group}"
            DeleteSecurityGroup(self._aws, group)

    # When all are quiet

    def check_quiet(self) -> None:
        """Each zone that is relied on has a mount target."""
        for zone in (REGION + letter for letter in "abc"):
            if users := self.users(zone):
                states = [self._state(name) for name in self._aws.targets_now(zone)]
                assert "available" in states, f"{zone} has {states}, and {[user.name for user in users]} rely on it"

    def check_nothing_left(self) -> None:
        """All are gone: so is what they made, but what was to be kept; what others made is as it was."""
        alive = self.alive()
        for name, groups in self.foreign.items():
            now = set(self._aws.mount_targets[name].groups)
            assert name in alive, f"{name} was another owner's and is gone"
            assert now == groups, f"{name} is another owner's, had {groups}, and has {now}"
        for name in alive - self.foreign.keys():
            groups = set(self._aws.mount_targets[name].groups)
            assert groups & self.retained, f"{name} with {groups} is left over"
        left = {group for group in self._aws.security_groups if group.startswith("sg-a")}
        assert self.retained <= left <= self.retained | self.orphans, f"groups {left - self.retained} are left over"
        assert self._aws.tags_now() == {}, "the file system has tags"
