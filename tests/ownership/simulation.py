"""A world of adopters that act at the same time on one file system, one call of AWS after the other.

Every request of CloudFormation is a run of the real `settle_in` or `leave` in a greenlet that stops at each call of AWS and
at each pause; the test decides who goes on. CloudFormation behaves as it does: a failed create is deleted, a failed update is
rolled back, a crashed run is started again twice, and a cancelled request goes on beside its successor.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from geuse_efs_waiter.adoption.ownership.book import Book
from geuse_efs_waiter.adoption.ownership.ledger import ledger_key
from geuse_efs_waiter.adoption.ownership.page import serial_of
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.adoption.ownership.tenure import leave, settle_in
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.errors import AdoptionRefusedError, SupersededError, WaiterError
from tests.ownership.desired import Desired
from tests.ownership.invariants import FOREIGN, Watch
from tests.simulator.account import Account
from tests.simulator.faults import Killed
from tests.simulator.names import REGION

FILE_SYSTEM = "fs-00000001"
ZONES = "abc"
WAIT = 900.0


@dataclass(eq=False)
class Run:
    """One run of the function, for one request."""

    kind: str
    desired: Desired
    attempt: int
    sent: float
    tombstone: bool
    thread: Any
    wake: float = 0.0
    outcome: str = "running"
    doomed: bool = False
    told: set[str] = field(default_factory=set)
    """The mount targets of which it was told that it has made them."""


@dataclass
class Adopter:
    """One stack with one adoption. `deployed` is what CloudFormation believes to be in force."""

    name: str
    wished: Desired
    """What it was asked for last."""
    deployed: Desired | None = None
    run: Run | None = None
    zombies: list[Run] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unanswered: bool = False
    secure: bool = False
    """Whether the last answer was a success and nothing is going on: then its zones must not be touched."""

    ended_at: float | None = None
    """When the Delete after a create that nobody answered was sent, if it succeeded."""
    retained_groups: set[str] = field(default_factory=set)
    """Whoever retains mount targets retains the group they carry."""

    @property
    def groups(self) -> tuple[str, str]:
        """Its own ones: that of before, and that of after a replacement."""
        return f"sg-0000000{self.name}", f"sg-1000000{self.name}"

    def subnet(self, zone: str) -> str:
        """In nobody else's subnet, so that each mount target tells who has made it."""
        return f"subnet-{self.name}000000{zone[-1]}"

    @property
    def key(self) -> str:
        return ledger_key("stack", self.name)


class World:
    """The file system, its adopters, and the scheduler."""

    def __init__(self, seed: int, *, stale: bool, foreign: frozenset[str], adopters: int) -> None:
        self.random = random.Random(seed)
        self.aws = Account(creation_seconds=20, deletion_seconds=7, latency=0.005)
        self.aws.add_file_system(FILE_SYSTEM)
        self.clock = self.aws.clock
        if stale:
            self.aws.staleness = lambda: self.random.choice((0.0, 0.0, 1.0, 3.0))
        self.adopters = [self._adopter(name) for name in "abc"[:adopters]]
        for zone in sorted(foreign):
            self.aws.add_mount_target(f"subnet-0000000{zone[-1]}", groups=(FOREIGN,), ready_in=0)
        self.watch = Watch(self.aws, self.adopters)
        self.hub = getcurrent()
        self.acting: tuple[Adopter, Run] | None = None
        self.events = 0
        self.aws.before_effect = lambda *call: self.watch.before(self.acting, *call)

    def _adopter(self, name: str) -> Adopter:
        adopter = Adopter(name, Desired(frozenset()))
        for zone in ZONES:
            self.aws.add_subnet(adopter.subnet(zone), REGION + zone)
        return adopter

    # Requests

    def request(self, adopter: Adopter, kind: str, desired: Desired) -> None:
        """CloudFormation sends a request; whatever is still going on for this adopter goes on as a zombie."""
        unanswered = adopter.run is not None or (kind == "Delete" and adopter.unanswered)
        if adopter.run is not None:
            adopter.zombies.append(adopter.run)
        adopter.secure, adopter.wished = False, desired
        if kind != "Delete":
            self._add_group(adopter, desired)
        # A request is sent at least a second after the one before it.
        self.events += 1
        adopter.run = self._start(adopter, kind, desired, 1, self.clock.now() + self.events, unanswered)

    def _add_group(self, adopter: Adopter, desired: Desired) -> None:
        group = desired.group(adopter.groups)
        if group not in self.aws.security_groups:
            self.aws.add_security_group(group)
        if desired.keep:
            adopter.retained_groups.add(group)

    def _start(self, adopter: Adopter, kind: str, desired: Desired, attempt: int, sent: float, tombstone: bool) -> Run:
        run: Run = Run(kind, desired, attempt, sent, tombstone, greenlet(lambda: self._perform(adopter, run)))
        # Lambda runs a crashed request again after a minute or two.
        run.wake = self.clock.now() + (60.0 if attempt > 1 else 0.0)
        return run

    def _again(self, adopter: Adopter, run: Run) -> Run:
        return self._start(adopter, run.kind, run.desired, run.attempt + 1, run.sent, run.tombstone)

    def _perform(self, adopter: Adopter, run: Run) -> None:
        site = self._site(adopter, run)
        try:
            if run.kind == "Delete":
                leave(site, keep=run.desired.keep, tombstone=run.tombstone)
            else:
                self._settle_in(adopter, run, site)
            run.outcome = "success"
        except SupersededError:
            run.outcome = "superseded"
        except WaiterError as error:
            run.outcome = f"failed: {error}"
        except (Killed, GreenletExit):
            run.outcome = "killed"

    def _settle_in(self, adopter: Adopter, run: Run, site: Site) -> None:
        """As `adopt` does: what is not to be created and is not there is a finding, which a roll-back goes on in spite of."""
        desired = run.desired
        if not desired.create_missing:
            covered = desired.zones & {one.availability_zone for one in site.look()}
            # The judgement takes its time, and what it has seen may go meanwhile.
            site.deadline.clock.sleep(self.random.choice((0.0, 10.0)))
            if covered != desired.zones and run.kind != "Rollback":
                raise AdoptionRefusedError("mount-target-missing")
            run.desired = desired = replace(desired, zones=covered)
        subnets = {zone: adopter.subnet(zone) for zone in sorted(desired.zones)}
        first = run.kind == "Create"
        settle_in(
            site, subnets, create_missing=desired.create_missing, keep=desired.keep, digest=desired.digest, first=first
        )

    def _site(self, adopter: Adopter, run: Run) -> Site:
        clock = _RunClock(self, run)
        deadline = PollingDeadline(WAIT, clock=clock)
        client: Any = _RunClient(self, run, self.aws.direct(clock=clock))
        serial = serial_of(run.sent, self.clock.now(), f"{self.random.randrange(65536):04x}")
        book = Book(client, FILE_SYSTEM, adopter.key, REGION, deadline, serial=serial, quiet_seconds=5.0)
        return Site(
            efs=client,
            ec2=lambda: client,
            file_system_id=FILE_SYSTEM,
            book=book,
            deadline=deadline,
            now=self.clock.now,
            security_group_ids=[run.desired.group(adopter.groups)],
            own_group=not run.desired.given,
        )

    # The scheduler

    def runs(self) -> list[tuple[Adopter, Run]]:
        return [
            (adopter, run)
            for adopter in self.adopters
            for run in [adopter.run, *adopter.zombies]
            if run is not None and run.outcome == "running"
        ]

    def ended(self) -> bool:
        """Whether somebody has left word for a create that was never answered."""
        return any(adopter.ended_at is not None for adopter in self.adopters)

    def step(self) -> bool:
        """Let somebody make one call, or let time pass until somebody can. False if nobody is at work."""
        runs = self.runs()
        if not runs:
            return False
        ready = [one for one in runs if one[1].wake <= self.clock.now()]
        if not ready:
            self.clock.time = min(run.wake for _, run in runs)
            return True
        adopter, run = self.acting = self.random.choice(ready)
        if run.doomed and run.thread:
            run.thread.throw(Killed)
        else:
            run.thread.switch()
        if run.outcome != "running":
            self._answered(adopter, run)
        return True

    def _answered(self, adopter: Adopter, run: Run) -> None:
        if run in adopter.zombies:
            adopter.zombies.remove(run)
            if run.outcome == "killed" and run.attempt < 3:
                adopter.zombies.append(self._again(adopter, run))
            return
        if run.outcome == "killed" and run.attempt < 3:
            adopter.run = self._again(adopter, run)
            return
        # CloudFormation takes a request that nobody answers as failed when its time is over.
        assert run.outcome != "superseded", "only a later run of the same adopter may supersede"
        adopter.run = None
        adopter.unanswered = run.outcome == "killed"
        adopter.answers.append(run.outcome)
        if run.outcome == "success":
            self._succeeded(adopter, run)
        else:
            self._failed(adopter, run)

    def _succeeded(self, adopter: Adopter, run: Run) -> None:
        present = run.desired.group(adopter.groups)
        if run.kind == "Delete":
            adopter.deployed = None
            if run.tombstone:
                adopter.ended_at = run.sent
            self.watch.check_let_go(adopter, adopter.groups, present)
            return
        adopter.deployed, adopter.secure = run.desired, True
        self.watch.check_ready(adopter, run)
        # CloudFormation cleans up after an update: the group of before goes.
        self.watch.check_let_go(adopter, [one for one in adopter.groups if one != present], present)

    def _failed(self, adopter: Adopter, run: Run) -> None:
        if run.kind == "Create":
            self.request(adopter, "Delete", run.desired)
        elif run.kind == "Update" and adopter.deployed is not None:
            self.request(adopter, "Rollback", adopter.deployed)
        # A failed delete or roll-back stays as it is until somebody tries again.

    def come_and_go(self) -> None:
        """Somebody new has nothing to do here, and leaves."""
        newcomer = self._adopter("d")
        self.adopters.append(newcomer)
        self.request(newcomer, "Delete", newcomer.wished)
        self.finish()
        self.adopters.remove(newcomer)

    def finish(self) -> None:
        """Let everything end that is going on."""
        for _ in range(200_000):
            if not self.step():
                return
        raise AssertionError("this never ends")


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
            answer: dict[str, Any] = call(**parameters)
            if method == "create_mount_target" and "MountTargetId" in answer:
                self._run.told.add(answer["MountTargetId"])
            return answer

        return later


OPERATIONS = (
    "DescribeFileSystems",
    "DescribeMountTargets",
    "DescribeNetworkInterfaces",
    "TagResource",
    "UntagResource",
    "CreateMountTarget",
    "DeleteMountTarget",
    "ModifyMountTargetSecurityGroups",
)
