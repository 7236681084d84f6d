"""A world of adopters that act at the same time on one file system, one call of AWS after the other.

Every request of CloudFormation is a run of the real `OwnershipRun` in a greenlet that stops at each call of AWS and at each
pause; the test decides who goes on. CloudFormation behaves as it does: it makes the group of an adoption before the create,
changes its tags before each request, and deletes it after the delete; a failed create is deleted, a failed update is rolled
back, a crashed run is started again twice, and a cancelled request goes on beside its successor.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from geuse_efs_waiter.adoption import adoptions
from geuse_efs_waiter.adoption.ownership import plan
from geuse_efs_waiter.adoption.ownership.apply import OwnershipRun
from geuse_efs_waiter.adoption.ownership.notes import serial_of
from geuse_efs_waiter.adoption.ownership.observed import Observed
from geuse_efs_waiter.aws.describe import describe_groups_of, describe_mount_targets
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.errors import (
    AdoptionRefusedError,
    FileSystemNotFoundError,
    SecurityGroupNotFoundError,
    SupersededError,
    WaiterError,
)
from geuse_efs_waiter.run_context import RunContext
from tests.ownership.desired import GIVEN, Desired
from tests.ownership.invariants import Watch
from tests.simulator.account import Account
from tests.simulator.efs import DeleteMountTarget
from tests.simulator.faults import Killed
from tests.simulator.names import REGION

FILE_SYSTEM = "fs-00000001"
ZONES = "abc"
LATEST_READ = 4.8
"""Seconds that a read may be late; 5 are assumed."""
SLOWEST_CALL = 14.0
"""Seconds after which a call takes effect; a client gives up after 15, and 20 are assumed."""
LONGEST_STALL = 200.0
TRACE = bool(os.environ.get("TRACE"))
WAIT = 1500.0
LONGEST_RUN = WAIT + 400
HUMAN = "sg-00000bad"
"""On mount targets that a person makes."""


@dataclass(eq=False)
class Run:
    """One run of the function, for one request."""

    kind: str
    desired: Desired
    own: str
    attempt: int
    sent: float
    unanswered: bool
    thread: Any
    name: str = ""
    began: float = 0.0
    wake: float = 0.0
    outcome: str = "running"
    doomed: bool = False


@dataclass
class Adopter:
    """One stack with one adoption. `deployed` is what CloudFormation believes to be in force."""

    name: str
    wished: Desired
    """What it was asked for last."""
    deployed: Desired | None = None
    own: str = ""
    """The group that CloudFormation believes to be in force."""
    groups: set[str] = field(default_factory=set)
    """Those that exist and are not retained: more than one during an update that replaces it."""
    orphans: set[str] = field(default_factory=set)
    """Those that CloudFormation has retained when it replaced them."""
    every: set[str] = field(default_factory=set)
    """All it ever had."""
    number: int = 0
    """How often it was deleted: each time it comes it is another stack."""
    run: Run | None = None
    zombies: list[Run] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unanswered: bool = False
    """Whether CloudFormation has invented its physical id, because nobody answered the create."""
    history: list[Run] = field(default_factory=list)
    """Every request that was ever sent."""
    died: set[float] = field(default_factory=set)
    """The requests of which a second delivery died."""
    secure: bool = False
    """Whether the last answer was a success and nothing is going on: then its zones must not be touched."""

    def subnet(self, zone: str) -> str:
        return f"subnet-{self.name}000000{zone[-1]}"

    @property
    def refused(self) -> bool:
        """Whether its deletion was refused because another adopter wants a zone."""
        return bool(self.answers) and "is wanted by" in self.answers[-1]


class World:
    """The file system, its adopters, and the scheduler.

    Args:
        seed: of everything that is drawn here.
        late: whether reads are late.
        foreign: the zones where another owner has a mount target.
        adopters: how many there are.
    """

    def __init__(self, seed: int, *, late: bool, foreign: frozenset[str], adopters: int) -> None:
        self.random = random.Random(seed)
        self.aws = Account(latency=0.005)
        self.aws.creation_seconds = self.random.choice((12.0, 20.0, 20.0, 150.0))
        self.aws.deletion_seconds = self.random.choice((0.5, 7.0, 7.0))
        self.aws.add_file_system(FILE_SYSTEM)
        self.clock = self.aws.clock
        for group in (*GIVEN, HUMAN):
            self.aws.add_security_group(group)
        if late:
            shares = self.random.choice(((0.0, 0.0, 0.3, 0.6, 1.0), (0.0, 1.0), (1.0,)))
            self.aws.staleness = lambda: self.random.choice(shares) * LATEST_READ
            self.aws.ec2_staleness = self.aws.staleness
        self.adopters = [self._adopter(name) for name in "abcd"[:adopters]]
        for zone in sorted(foreign):
            groups = (self.random.choice((HUMAN, GIVEN[0])),)
            self.aws.add_mount_target(f"subnet-0000000{zone[-1]}", groups=groups, ready_in=0)
        self.watch = Watch(self.aws, self.adopters)
        self.hub = getcurrent()
        self.slowest = self.random.choice((0.0, 0.5, 3.0, SLOWEST_CALL, SLOWEST_CALL))
        """Every second change and every tenth read takes effect up to so many seconds late."""
        self.stalls = self.random.choice((0.0, 0.0, LONGEST_STALL))
        """After every twentieth read the run stands still for up to so many seconds."""
        self.acting: tuple[Adopter, Run] | None = None
        self.events = self.started = self.made = 0
        self.crashed = False
        self.aws.before_effect = self._before

    def _before(self, operation: str, parameters: dict[str, Any]) -> None:
        if TRACE and self.acting:
            adopter, run = self.acting
            self._tell(adopter, run, f"{operation} {parameters}")
        self.watch.before(self.acting, operation, parameters)

    def _tell(self, adopter: Adopter, run: Run, what: str) -> None:
        sys.stdout.write(f"{self.clock.now():9.2f} {adopter.name}.{run.name} {run.kind} {what}\n")

    def _adopter(self, name: str) -> Adopter:
        adopter = Adopter(name, Desired(frozenset()))
        for zone in ZONES:
            self.aws.add_subnet(adopter.subnet(zone), REGION + zone)
        return adopter

    # Requests

    def request(self, adopter: Adopter, kind: str, desired: Desired) -> None:
        """CloudFormation sends a request; whatever is still going on for this adopter goes on as a zombie."""
        if adopter.run is not None:
            adopter.unanswered |= adopter.run.kind == "Create"
            adopter.zombies.append(adopter.run)
        adopter.secure, adopter.wished = False, desired
        own = adopter.own
        if not own or (kind == "Update" and desired.replaced):
            own = self._add_group(adopter, desired)
        elif kind != "Delete":
            self._tag(own, {adoptions.SUBNETS_TAG: self._subnets(adopter, desired)})
        adopter.own = adopter.own or own
        # A request is sent at least a second after the one before it, and the function takes a moment to start.
        self.events += 1
        self.clock.time += 0.5
        adopter.run = self._start(adopter, kind, desired, own, 1, self.clock.now() + self.events, adopter.unanswered)
        adopter.history.append(adopter.run)

    def _subnets(self, adopter: Adopter, desired: Desired) -> str:
        return " ".join(adopter.subnet(zone) for zone in sorted(desired.zones))

    def _tag(self, group: str, tags: Mapping[str, str]) -> None:
        self.aws.set_group_tags(group, {**(self.aws.group_tags_at(group) or {}), **tags})

    def _add_group(self, adopter: Adopter, desired: Desired) -> str:
        self.made += 1
        group, stack = f"sg-a{self.made:07x}", f"{adopter.name}{adopter.number}"
        tags = {
            adoptions.FILE_SYSTEM_TAG: FILE_SYSTEM,
            adoptions.SUBNETS_TAG: self._subnets(adopter, desired),
            "aws:cloudformation:stack-id": f"arn:{stack}",
            "aws:cloudformation:stack-name": stack,
            "aws:cloudformation:logical-id": "Own",
        }
        self.aws.add_security_group(group, tags=tags)
        adopter.groups.add(group)
        adopter.every.add(group)
        return group

    def deliver_again(self, adopter: Adopter, number: int) -> None:
        """Lambda delivers at least once: any request that was ever sent comes again."""
        if adopter.history:
            old = adopter.history[number % len(adopter.history)]
            adopter.zombies.append(self._start(adopter, old.kind, old.desired, old.own, 3, old.sent, old.unanswered))
            adopter.zombies[-1].wake = self.clock.now()

    def _start(
        self, adopter: Adopter, kind: str, desired: Desired, own: str, attempt: int, sent: float, unanswered: bool
    ) -> Run:
        run: Run = Run(kind, desired, own, attempt, sent, unanswered, greenlet(lambda: self._perform(adopter, run)))
        self.started += 1
        run.name = f"{self.started}"
        # Lambda runs a crashed request again after a minute or two.
        run.wake = self.clock.now() + (60.0 if attempt > 1 else 0.0)
        return run

    def _again(self, adopter: Adopter, run: Run) -> Run:
        return self._start(adopter, run.kind, run.desired, run.own, run.attempt + 1, run.sent, run.unanswered)

    def _perform(self, adopter: Adopter, run: Run) -> None:
        run.began = self.clock.now()
        try:
            self._reconcile(adopter, run)
            run.outcome = "success"
        except (FileSystemNotFoundError, SecurityGroupNotFoundError) as gone:
            run.outcome = "success" if run.kind == "Delete" else f"failed: {gone}"
        except SupersededError:
            run.outcome = "superseded"
        except WaiterError as error:
            run.outcome = f"failed: {error}"
        except (Killed, GreenletExit):
            run.outcome = "killed"
        if TRACE:
            self._tell(adopter, run, f"{run.desired} {run.outcome}")
        took = self.clock.now() - run.began
        assert took < LONGEST_RUN, f"{adopter.name}: {run.kind} took {took} s"

    def _reconcile(self, adopter: Adopter, run: Run) -> None:
        """As `reconcile_adoption` does, with the two findings that have to do with ownership."""
        clock = _RunClock(self, run)
        client: Any = _RunClient(self, run, self.aws.direct(clock=clock))
        deadline, desired, ends = PollingDeadline(WAIT, clock=clock), run.desired, run.kind == "Delete"
        roll_back = False
        if not ends:
            zones, roll_back = self._evaluate(client, deadline, run)
            run.desired = desired = replace(desired, zones=zones)
        OwnershipRun(
            RunContext(
                efs=client, stack_id="", ec2=lambda: client, clock=clock, wall_clock=self.clock.wall, quiet_seconds=5.0
            ),
            run.own,
            deadline,
            serial_of(run.sent, self.clock.wall(), f"{self.random.randrange(65536):04x}"),
            plan.Desired(
                FILE_SYSTEM,
                subnets={} if ends else {zone: adopter.subnet(zone) for zone in sorted(desired.zones)},
                ends=ends,
                given=desired.groups,
                create_missing=desired.create_missing,
                retain=desired.retain and not run.unanswered,
                allow_deletion=desired.insists,
                roll_back=roll_back,
            ),
            digest=desired.digest,
            first=run.kind == "Create",
            unanswered=run.unanswered,
        ).apply()

    def _evaluate(self, client: Any, deadline: PollingDeadline, run: Run) -> tuple[frozenset[str], bool]:
        """The zones that it goes on with, and whether these properties were in force before."""
        targets = call_with_retries(lambda: describe_mount_targets(client, FILE_SYSTEM), deadline, "targets")
        carried = call_with_retries(lambda: describe_groups_of(client, targets), deadline, "groups")
        found = call_with_retries(
            adoptions.AdoptionsReader(lambda: client, FILE_SYSTEM, run.own).read, deadline, "adoptions"
        )
        observed, zones = Observed(run.own, found), run.desired.zones
        roll_back = run.desired.digest in observed.settled
        others = {other.group for other in observed.others}
        covered = {target.availability_zone: set(carried.get(target.mount_target_id, ())) for target in targets}
        # The evaluation takes its time, and what it has seen may go meanwhile.
        deadline.clock.sleep(self.random.choice((0.0, 10.0)))
        if not roll_back and not run.desired.shares and any(covered.get(zone, set()) & others for zone in zones):
            raise AdoptionRefusedError("mount-target-of-adoption")
        if not run.desired.create_missing and not roll_back and not zones <= covered.keys():
            raise AdoptionRefusedError("mount-target-missing")
        return (zones if run.desired.create_missing else zones & covered.keys()), roll_back

    # The scheduler

    def runs(self) -> list[tuple[Adopter, Run]]:
        return [
            (adopter, run)
            for adopter in self.adopters
            for run in [adopter.run, *adopter.zombies]
            if run is not None and run.outcome == "running"
        ]

    def step(self) -> bool:
        """Let one run make one call, or let time pass until one can. False if nothing is going on."""
        runs = self.runs()
        if not runs:
            return False
        ready = [one for one in runs if one[1].wake <= self.clock.now()]
        if not ready:
            self.clock.time = min(run.wake for _, run in runs)
            return True
        adopter, run = self.acting = self.random.choice(ready)
        if run.doomed and run.thread:
            self.crashed = True
            run.thread.throw(Killed)
        else:
            run.thread.switch()
        self.acting = None
        if run.outcome != "running":
            self._answered(adopter, run)
            if not self.runs():
                self.watch.check_quiet()
        return True

    def finish(self) -> None:
        """Let everything end that is going on."""
        for _ in range(200_000):
            if not self.step():
                return
        raise AssertionError("this never ends")

    def _answered(self, adopter: Adopter, run: Run) -> None:
        if run in adopter.zombies:
            self._zombie_ended(adopter, run)
            return
        if run.outcome == "killed" and run.attempt < 3:
            adopter.run = self._again(adopter, run)
            return
        if run.outcome == "superseded":
            if twins := [one for one in adopter.zombies if one.sent == run.sent and one.outcome == "running"]:
                adopter.run = twins[0]
                adopter.zombies.remove(twins[0])
                return
            if run.sent in adopter.died:
                run.outcome = "killed"
        # CloudFormation takes a request that nobody answers as failed when its time is over.
        assert run.outcome != "superseded", "only a later run of the same adopter may supersede"
        adopter.run = None
        if run.kind == "Create":
            adopter.unanswered = run.outcome == "killed"
        adopter.answers.append(run.outcome)
        if run.outcome == "success":
            self._succeeded(adopter, run)
        else:
            self._failed(adopter, run)

    def _zombie_ended(self, adopter: Adopter, run: Run) -> None:
        adopter.zombies.remove(run)
        twin = adopter.run is not None and adopter.run.sent == run.sent
        if twin and run.outcome not in ("killed", "superseded"):
            # Delivered twice: the first answer is the one that counts.
            adopter.zombies.append(adopter.run)  # type: ignore[arg-type]
            adopter.run = run
            self._answered(adopter, run)
            return
        if twin and run.outcome == "killed":
            adopter.died.add(run.sent)
        if run.outcome == "killed" and run.attempt < 3:
            adopter.zombies.append(self._again(adopter, run))

    def _succeeded(self, adopter: Adopter, run: Run) -> None:
        if run.kind == "Delete":
            if run.desired.retain and adopter.deployed:
                # What a failed first deployment has made is not retained.
                self.watch.retained |= adopter.groups | adopter.orphans
                adopter.groups.clear()
            adopter.orphans.clear()
            adopter.deployed, adopter.own, adopter.unanswered = None, "", False
            adopter.number += 1
        else:
            adopter.deployed, adopter.own, adopter.secure = run.desired, run.own, True
            self.watch.check_ready(adopter, run)
        # CloudFormation cleans up: the group of before goes after an update, that of a failed update after its roll-back.
        gone = adopter.groups - {adopter.own}
        if run.kind == "Update" and run.desired.retain:
            adopter.orphans |= gone
            self.watch.orphans |= gone
        else:
            self.watch.check_let_go(adopter, gone)
        adopter.groups -= gone

    def _failed(self, adopter: Adopter, run: Run) -> None:
        if run.kind == "Create":
            self.request(adopter, "Delete", run.desired)
        elif run.kind == "Update" and adopter.deployed is not None:
            self.request(adopter, "Rollback", adopter.deployed)
        # A failed delete or roll-back stays as it is until somebody tries again.

    # What others do

    def make_foreign(self, zone: str) -> None:
        """Another owner makes a mount target where there is none."""
        if not self.aws.targets_now(REGION + zone):
            groups = (self.random.choice((HUMAN, GIVEN[0])),)
            made = self.aws.add_mount_target(f"subnet-0000000{zone}", groups=groups)
            self.watch.foreign[made] = set(groups)

    def attach(self, adopter: Adopter, zone: str) -> None:
        """A person puts the group of an adoption on a mount target of another owner."""
        for name in self.aws.targets_now(REGION + zone):
            target = self.aws.mount_targets[name]
            if name in self.watch.foreign and HUMAN in target.groups and adopter.own not in target.groups:
                self._set_groups(name, [*target.groups, adopter.own][:5])

    def change(self, zone: str) -> None:
        """A person adds a group to a mount target that an adopter has made: nobody's from then on, but for its own group."""
        for name in self.aws.targets_now(REGION + zone):
            groups = self.aws.mount_targets[name].groups
            if name not in self.watch.foreign and HUMAN not in groups and not self.watch.retained & {*groups}:
                self._set_groups(name, [*groups, HUMAN])
                every = {group for adopter in self.adopters for group in adopter.every}
                self.watch.foreign[name] = {*groups, HUMAN} - every

    def _set_groups(self, name: str, groups: list[str]) -> None:
        target = self.aws.mount_targets[name]
        target.former.append((self.clock.now(), target.groups))
        target.groups = groups

    def delete_by_hand(self, adopter: Adopter) -> None:
        """A person deletes what an adopter has made and must not delete itself, because others want the zone."""
        for name in self.watch.alive() - self.watch.foreign.keys():
            target = self.aws.mount_targets[name]
            if set(target.groups) & adopter.groups:
                for user in self.watch.users(target.description["AvailabilityZoneName"]):
                    user.secure = False
                DeleteMountTarget(self.aws, name)


class _RunClock:
    def __init__(self, world: World, run: Run) -> None:
        self._world, self._run = world, run

    def now(self) -> float:
        return self._world.clock.now()

    def sleep(self, seconds: float, /) -> None:
        self._run.wake = self.now() + seconds
        self._world.hub.switch()

    def jitter(self) -> float:
        return self._world.random.random()


class _RunClient:
    """A client that lets others go first before each call."""

    def __init__(self, world: World, run: Run, client: Any) -> None:
        self._world, self._run, self._client = world, run, client

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        call = getattr(self._client, method)

        def later(**parameters: Any) -> dict[str, Any]:
            self._world.hub.switch()
            share = 0.1 if method.startswith("describe") else 0.5
            if self._world.slowest and self._world.random.random() < share:
                self._stand_still(self._world.slowest)
            answer: dict[str, Any] = call(**parameters)
            if self._world.stalls and method.startswith("describe") and self._world.random.random() < 0.05:
                self._stand_still(self._world.stalls)
            return answer

        return later

    def _stand_still(self, seconds: float) -> None:
        self._run.wake = self._world.clock.now() + self._world.random.random() * seconds
        self._world.hub.switch()


OPERATIONS = (
    "DescribeMountTargets",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "CreateTags",
    "DeleteTags",
    "CreateMountTarget",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
)
