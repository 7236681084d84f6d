"""Adopters that come, change, fail, crash and go at the same time never harm each other, and leave nothing behind."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.ownership.desired import VARIED, Desired, desires, some_zones
from tests.ownership.driver import FAULTS, FULL, end
from tests.ownership.simulation import OPERATIONS, Adopter, World

EXAMPLES = int(os.environ.get("OWNERSHIP_EXAMPLES", "200"))
who = st.integers(0, 2)


class Ownership(RuleBasedStateMachine):
    """Events in any order; the world checks each change, each success, and the end."""

    world: World
    varied: frozenset[str]

    @initialize(
        seed=st.integers(0, 2**32 - 1),
        late=st.booleans(),
        foreign=some_zones,
        adopters=st.integers(1, 3),
        varied=st.frozensets(st.sampled_from(VARIED)),
    )
    def begin(self, seed: int, late: bool, foreign: frozenset[str], adopters: int, varied: frozenset[str]) -> None:
        """Few things vary in one example, so that adopters meet often: one that never creates harms nobody."""
        self.world, self.varied = World(seed, late=late, foreign=foreign, adopters=adopters), varied

    def _adopter(self, number: int) -> Adopter:
        return self.world.adopters[number % len(self.world.adopters)]

    @rule(number=who, desired=desires)
    def deploy(self, number: int, desired: Desired) -> None:
        """Create, or update if there is something; only when nothing is going on, as CloudFormation sees to."""
        adopter = self._adopter(number)
        if adopter.run is None and not (adopter.own and adopter.deployed is None):
            kind = "Create" if adopter.deployed is None else "Update"
            self.world.request(adopter, kind, desired.only(self.varied))

    @rule(number=who)
    def delete(self, number: int) -> None:
        """Delete the stack; a create that is going on is cancelled and goes on as a zombie."""
        adopter = self._adopter(number)
        if adopter.own and (adopter.run is None or adopter.run.kind == "Create"):
            self.world.request(adopter, "Delete", adopter.wished)

    @rule(number=who)
    def cancel_the_update(self, number: int) -> None:
        adopter = self._adopter(number)
        if adopter.run is not None and adopter.run.kind == "Update" and adopter.deployed is not None:
            self.world.request(adopter, "Rollback", adopter.deployed)

    @rule(number=who, which=st.integers(0, 9))
    def deliver_an_old_request_again(self, number: int, which: int) -> None:
        self.world.deliver_again(self._adopter(number), which)

    @rule(number=who)
    def crash(self, number: int) -> None:
        adopter = self._adopter(number)
        if adopter.run is not None:
            adopter.run.doomed = True

    @rule(operation=st.sampled_from(OPERATIONS), kind=st.sampled_from(sorted(FAULTS)), times=st.integers(1, 3))
    def fault(self, operation: str, kind: str, times: int) -> None:
        effect, after = FAULTS[kind]
        self.world.aws.fail("CreateMountTarget" if kind == FULL else operation, effect, times, after=after)

    @rule(zone=st.sampled_from("abc"))
    def somebody_else_makes_a_mount_target(self, zone: str) -> None:
        self.world.make_foreign(zone)

    @precondition(lambda self: not self.world.runs())
    @rule(number=who, zone=st.sampled_from("abc"), attach=st.booleans())
    def a_person_changes_groups(self, number: int, zone: str, attach: bool) -> None:
        adopter = self._adopter(number)
        if not attach:
            self.world.change(zone)
        elif adopter.deployed:
            self.world.attach(adopter, zone)

    @precondition(lambda self: self.world.runs())
    @rule(steps=st.sampled_from([1, 2, 3, 5, 8, 13, 21, 34, 200]))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            if not self.world.step():
                break

    @precondition(lambda self: not self.world.runs())
    @rule(seconds=st.sampled_from([2.0, 600.0, 100_000.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.world.clock.time += seconds

    def teardown(self) -> None:
        if hasattr(self, "world"):
            end(self.world)


Ownership.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestOwnership = Ownership.TestCase
