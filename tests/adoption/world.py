"""A world of adopters that act at the same time on one file system, one call of AWS after the other.

Every request of CloudFormation is a run of the real `settle_in` or `leave` in a greenlet that stops at each call of AWS and
at each pause; the test decides who goes on. CloudFormation behaves as it does: a failed create is deleted, a failed update is
rolled back, a crashed run is started again twice, and a cancelled request goes on beside its successor.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

from geuse_efs_waiter.adoption.book import Book, serial_of
from geuse_efs_waiter.adoption.ledger import KEY_PREFIX, RUN_SUFFIX, Ledger, ledger_key
from geuse_efs_waiter.adoption.site import Site
from geuse_efs_waiter.adoption.tenure import leave, settle_in
from geuse_efs_waiter.errors import SupersededError, WaiterError
from geuse_efs_waiter.patience import Patience
from tests.lab.account import Account
from tests.lab.ec2 import DeleteSecurityGroup
from tests.lab.faults import Killed, Parameters
from tests.lab.names import REGION

FILE_SYSTEM = "fs-00000001"
ZONES = "abc"
FOREIGN = "sg-f0e1f0e1"
WAIT = 900.0


@dataclass(eq=False)
class Run:
    """One run of the function, for one request."""

    kind: str
    zones: frozenset[str]
    attempt: int
    sent: float
    tombstone: bool
    thread: Any
    wake: float = 0.0
    outcome: str = "running"
    doomed: bool = False


@dataclass
class Adopter:
    """One stack with one adoption. `deployed` are the zones that CloudFormation believes to be in force."""

    name: str
    deployed: frozenset[str] | None = None
    run: Run | None = None
    zombies: list[Run] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    unanswered: bool = False
    secure: bool = False
    """Whether the last answer was a success and nothing is going on: then its zones must not be touched."""

    @property
    def group(self) -> str:
        return f"sg-0000000{self.name}"

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
        self.adopters = [Adopter(name) for name in "abc"[:adopters]]
        for adopter in self.adopters:
            for zone in ZONES:
                self.aws.add_subnet(f"subnet-{adopter.name}000000{zone}", REGION + zone)
        for zone in sorted(foreign):
            self.aws.add_mount_target(f"subnet-0000000{zone[-1]}", groups=(FOREIGN,), ready_in=0)
        self.foreign = set(self.aws.mount_targets)
        self.hub = getcurrent()
        self.events = 0
        self.aws.before_effect = self._watch

    # What must always hold

    def _watch(self, operation: str, parameters: Parameters) -> None:
        if operation in ("DeleteMountTarget", "ModifyMountTargetSecurityGroups"):
            self._check_touch(operation, parameters["MountTargetId"])

    def ledgers(self) -> dict[str, Ledger]:
        tags = self.aws.tags_now(FILE_SYSTEM)
        return {
            key: Ledger.parse(value, REGION)
            for key, value in tags.items()
            if key.startswith(KEY_PREFIX) and not key.endswith(RUN_SUFFIX)
        }

    def _check_touch(self, operation: str, name: str) -> None:
        listed = {one for ledger in self.ledgers().values() for one in ledger.created.values()}
        assert name not in self.foreign, f"{operation} of somebody else's {name}"
        record = self.aws.mount_targets.get(name)
        if record is None or record.state(self.clock.now()) in (None, "deleting"):
            return
        assert name in listed, f"{operation} of {name}, which no ledger lists"
        zone = record.description["AvailabilityZoneName"]
        if operation == "DeleteMountTarget" and record.deleting_at > self.clock.now():
            users = [one.name for one in self.adopters if one.secure and one.deployed and zone in one.deployed]
            assert not users, f"{name} is deleted under {users}"

    def check_ready(self, adopter: Adopter, zones: frozenset[str]) -> None:
        for zone in zones:
            states = [self.aws.mount_targets[one].state(self.clock.now()) for one in self.aws.targets_now(zone)]
            assert states == ["available"], f"{adopter.name} was told success, but {zone} has {states}"

    def check_let_go(self, adopter: Adopter) -> None:
        """CloudFormation deletes the security group next, and cannot while a mount target carries it."""
        if adopter.group in self.aws.security_groups:
            DeleteSecurityGroup(self.aws, adopter.group)

    # Requests

    def request(self, adopter: Adopter, kind: str, zones: frozenset[str]) -> None:
        """CloudFormation sends a request; whatever is still going on for this adopter goes on as a zombie."""
        unanswered = adopter.run is not None or (kind == "Delete" and adopter.unanswered)
        if adopter.run is not None:
            adopter.zombies.append(adopter.run)
        adopter.secure = False
        if kind == "Create":
            self.aws.add_security_group(adopter.group)
        # A request is sent at least a second after the one before it.
        self.events += 1
        adopter.run = self._start(adopter, kind, zones, 1, self.clock.now() + self.events, unanswered)

    def _start(
        self,
        adopter: Adopter,
        kind: str,
        zones: frozenset[str],
        attempt: int,
        sent: float,
        tombstone: bool,
    ) -> Run:
        run: Run = Run(kind, zones, attempt, sent, tombstone, greenlet(lambda: self._perform(adopter, run)))
        # Lambda runs a crashed request again after a minute or two.
        run.wake = self.clock.now() + (60.0 if attempt > 1 else 0.0)
        return run

    def _perform(self, adopter: Adopter, run: Run) -> None:
        clock = _RunClock(self, run)
        patience = Patience(WAIT, clock=clock, jitter=self.random.random)
        client: Any = _RunClient(self, self.aws.direct(clock=clock))
        serial = serial_of(run.sent, self.clock.now(), f"{self.random.randrange(65536):04x}")
        book = Book(client, FILE_SYSTEM, adopter.key, REGION, patience, serial=serial, quiet_seconds=5.0)
        site = Site(
            efs=client,
            ec2=lambda: client,
            file_system_id=FILE_SYSTEM,
            book=book,
            patience=patience,
            now=self.clock.now,
            security_group_ids=[adopter.group],
            own_group=True,
        )
        try:
            if run.kind == "Delete":
                leave(site, tombstone=run.tombstone)
            else:
                subnets = {zone: f"subnet-{adopter.name}000000{zone[-1]}" for zone in sorted(run.zones)}
                settle_in(site, subnets, create_missing=True, keep=False, digest="d", first=run.kind == "Create")
            run.outcome = "success"
        except SupersededError:
            run.outcome = "superseded"
        except WaiterError as error:
            run.outcome = f"failed: {error}"
        except (Killed, GreenletExit):
            run.outcome = "killed"

    # The scheduler

    def runs(self) -> list[tuple[Adopter, Run]]:
        return [
            (adopter, run)
            for adopter in self.adopters
            for run in [adopter.run, *adopter.zombies]
            if run is not None and run.outcome == "running"
        ]

    def step(self) -> bool:
        """Let somebody make one call, or let time pass until somebody can. False if nobody is at work."""
        runs = self.runs()
        if not runs:
            return False
        ready = [one for one in runs if one[1].wake <= self.clock.now()]
        if not ready:
            self.clock.time = min(run.wake for _, run in runs)
            return True
        adopter, run = self.random.choice(ready)
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
                again = self._start(adopter, run.kind, run.zones, run.attempt + 1, run.sent, run.tombstone)
                adopter.zombies.append(again)
            return
        if run.outcome == "killed" and run.attempt < 3:
            adopter.run = self._start(adopter, run.kind, run.zones, run.attempt + 1, run.sent, run.tombstone)
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
        adopter.deployed = None if run.kind == "Delete" else run.zones
        adopter.secure = run.kind != "Delete"
        if run.kind == "Delete":
            self.check_let_go(adopter)
        if run.kind != "Delete":
            self.check_ready(adopter, run.zones)

    def _failed(self, adopter: Adopter, run: Run) -> None:
        if run.kind == "Create":
            self.request(adopter, "Delete", run.zones)
        elif run.kind == "Update" and adopter.deployed is not None:
            self.request(adopter, "Rollback", adopter.deployed)
        # A failed delete or roll-back stays as it is until somebody tries again.

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


class _RunClient:
    """A client that lets others go first before each call."""

    def __init__(self, world: World, client: Any) -> None:
        self._world, self._client = world, client

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        call = getattr(self._client, method)

        def later(**parameters: Any) -> dict[str, Any]:
            self._world.hub.switch()
            answer: dict[str, Any] = call(**parameters)
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
