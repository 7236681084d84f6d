"""Adopters that come, change, fail, crash and go at the same time never harm each other, and leave nothing behind."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.ownership.desired import VARIED, Desired, some_zones, wishes
from tests.ownership.invariants import LONGEST_LIFE
from tests.ownership.simulation import OPERATIONS, World
from tests.simulator.faults import KINDS, Fault, Slow

EXAMPLES = int(os.environ.get("OWNERSHIP_EXAMPLES", "500"))
who = st.integers(0, 2)
FOR_GOOD = "no free address"
LATE = "late after"
FAULTS = {
    **{kind: one for kind, one in KINDS.items() if kind not in {"slow after", "killed", "killed after"}},
    # ADR 6 takes it for granted that what is read is never older than 5 s: 3 s of staleness, and these.
    LATE: (Slow(1.9), True),
    FOR_GOOD: (Fault("NoFreeAddressesInSubnet"), False),
}
"""The simulator's kinds; crashes have a rule of their own."""


class Ownership(RuleBasedStateMachine):
    """Events in any order; the world checks each deletion, each success, and the end."""

    world: World
    varied: frozenset[str]

    @initialize(
        seed=st.integers(0, 2**32 - 1),
        stale=st.booleans(),
        foreign=some_zones,
        adopters=st.integers(2, 3),
        varied=st.frozensets(st.sampled_from(VARIED)),
    )
    def begin(self, seed: int, stale: bool, foreign: frozenset[str], adopters: int, varied: frozenset[str]) -> None:
        """Few things vary in one example, so that adopters meet often: whoever only keeps and never creates harms nobody."""
        self.world, self.varied = World(seed, stale=stale, foreign=foreign, adopters=adopters), varied

    @rule(number=who, desired=wishes)
    def deploy(self, number: int, desired: Desired) -> None:
        """Create, or update if there is something; only when nothing is going on, as CloudFormation sees to."""
        adopter = self.world.adopters[number % len(self.world.adopters)]
        if adopter.run is None:
            self.world.request(adopter, "Create" if adopter.deployed is None else "Update", desired.only(self.varied))

    @rule(number=who)
    def delete(self, number: int) -> None:
        """Delete the stack; a create or update that is going on is cancelled and goes on as a zombie."""
        adopter = self.world.adopters[number % len(self.world.adopters)]
        if adopter.run is None or adopter.run.kind == "Create":
            self.world.request(adopter, "Delete", adopter.wished)

    @rule(number=who)
    def cancel_the_update(self, number: int) -> None:
        adopter = self.world.adopters[number % len(self.world.adopters)]
        if adopter.run is not None and adopter.run.kind == "Update" and adopter.deployed is not None:
            self.world.request(adopter, "Rollback", adopter.deployed)

    @rule(number=who)
    def repeat_the_last_event(self, number: int) -> None:
        """Lambda delivers at least once: a request that was answered comes again."""
        adopter = self.world.adopters[number % len(self.world.adopters)]
        if adopter.run is None and adopter.deployed is not None and adopter.secure:
            self.world.request(adopter, "Update", adopter.deployed)

    @rule(number=who)
    def crash(self, number: int) -> None:
        adopter = self.world.adopters[number % len(self.world.adopters)]
        if adopter.run is not None:
            adopter.run.doomed = True

    @rule(operation=st.sampled_from(OPERATIONS), kind=st.sampled_from(sorted(FAULTS)), times=st.integers(1, 3))
    def fault(self, operation: str, kind: str, times: int) -> None:
        if kind == FOR_GOOD:
            operation = "CreateMountTarget"
        effect, after = FAULTS[kind]
        self.world.aws.fail(operation, effect, times, after=after)

    @precondition(lambda self: self.world.runs())
    @rule(steps=st.sampled_from([1, 2, 3, 5, 8, 13, 21, 34, 200]))
    def go_on(self, steps: int) -> None:
        for _ in range(steps):
            if not self.world.step():
                break

    @precondition(lambda self: self.world.ended() and not self.world.runs())
    @rule()
    def let_more_than_a_day_pass(self) -> None:
        self.world.clock.time += LONGEST_LIFE + 60

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        world.finish()
        world.aws.rules.clear()
        for adopter in world.adopters:
            # Whoever is not known to be gone is deleted: deployed, or stuck in a failed delete.
            world.request(adopter, "Delete", adopter.wished)
        world.finish()
        assert [adopter.answers[-1] for adopter in world.adopters] == ["success"] * len(world.adopters)
        world.watch.check_nothing_left()
        world.watch.check_ended()
        if world.ended():
            world.clock.time += LONGEST_LIFE + 60
            world.come_and_go()
            assert world.aws.tags_now() == {}


Ownership.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestOwnership = Ownership.TestCase
