"""The dense driver: the same world as hypothesis has, driven so that adopters meet in almost every example."""

from __future__ import annotations

import random
import traceback
from collections import Counter
from collections.abc import Iterable

from tests.ownership.desired import VARIED, draw
from tests.ownership.simulation import OPERATIONS, Adopter, World
from tests.simulator.faults import KINDS, Effect, Fault, Slow
from tests.simulator.names import REGION

FULL = "no free address"
FAULTS: dict[str, tuple[Effect, bool]] = {
    **{kind: one for kind, one in KINDS.items() if kind not in {"killed", "killed after"}},
    "late after": (Slow(1.9), True),
    FULL: (Fault("NoFreeAddressesInSubnet"), False),
}
"""The simulator's kinds; a crash is an event of its own. The last one is for creations only."""


class Driver:
    """One example: its seed decides everything."""

    def __init__(self, seed: int) -> None:
        numbers = self.random = random.Random(seed)
        self.pool = [REGION + letter for letter in numbers.choice(("a", "a", "ab", "ab", "abc"))]
        foreign = frozenset(zone for zone in self.pool if numbers.random() < 0.15)
        # Half of the examples read as late as is assumed.
        self.world = World(seed, late=seed % 2 == 0, foreign=foreign, adopters=numbers.choice((1, 2, 3, 3)))
        self.varied = frozenset(name for name in VARIED if numbers.random() < (0.6 if name == "shares" else 0.25))
        self.troubled = numbers.random() < 0.7
        self.patient = numbers.choice((0.1, 0.5, 0.9))

    def run(self) -> None:
        """Everything that happens.

        Raises:
            AssertionError: if something that must hold does not.
        """
        numbers, world = self.random, self.world
        for _ in range(numbers.randrange(3, 12)):
            for adopter in world.adopters:
                if numbers.random() < 0.5:
                    self._event(adopter)
                    self._go_on(numbers.choice((0, 0, 1, 3, 8)))
            if self.troubled and numbers.random() < 0.6:
                self._trouble(numbers.choice(world.adopters))
            if numbers.random() < self.patient:
                world.finish()
            else:
                self._go_on(numbers.choice((3, 8, 20, 60, 150)))
        end(world)

    def _event(self, adopter: Adopter) -> None:
        world, numbers = self.world, self.random
        if adopter.run is None:
            if adopter.own and (not adopter.deployed or numbers.random() < 0.45):
                world.request(adopter, "Delete", adopter.wished)
            else:
                desired = draw(numbers, self.pool, self.varied)
                world.request(adopter, "Update" if adopter.deployed else "Create", desired)
        elif adopter.run.kind == "Create" and numbers.random() < 0.3:
            world.request(adopter, "Delete", adopter.wished)
        elif adopter.run.kind == "Update" and adopter.deployed and numbers.random() < 0.5:
            world.request(adopter, "Rollback", adopter.deployed)

    def _trouble(self, adopter: Adopter) -> None:
        world, numbers = self.world, self.random
        kind = numbers.choice(("crash", "fault", "fault", "fault", "again", "foreign", "attach", "change", "time"))
        zone = numbers.choice(self.pool)[-1]
        if kind == "crash" and adopter.run is not None:
            adopter.run.doomed = True
        elif kind == "fault":
            name = numbers.choice(sorted(FAULTS))
            effect, after = FAULTS[name]
            operation = "CreateMountTarget" if name == FULL else numbers.choice(OPERATIONS)
            world.aws.fail(operation, effect, numbers.randrange(1, 4), after=after, skip=numbers.choice((0, 0, 1, 3)))
        elif kind == "again":
            world.deliver_again(adopter, numbers.randrange(10))
        elif kind == "foreign":
            world.make_foreign(zone)
        elif kind == "attach" and adopter.run is None and not adopter.zombies and adopter.deployed:
            world.attach(adopter, zone)
        elif kind == "change" and not world.runs():
            world.change(zone)
        elif kind == "time" and not world.runs():
            world.clock.time += numbers.choice((2.0, 600.0, 100_000.0))

    def _go_on(self, steps: int) -> None:
        for _ in range(steps):
            if not self.world.step():
                return


def end(world: World) -> None:
    """Without faults every stack can be deleted, in bounded time, and nothing is left."""
    world.finish()
    world.aws.rules.clear()
    world.slowest, world.stalls = min(world.slowest, 3.0), 0.0
    gone = [adopter for adopter in world.adopters if adopter.own]
    began = world.clock.now()
    for adopter in gone:
        world.request(adopter, "Delete", adopter.wished)
    world.finish()
    for adopter in gone:
        if adopter.own and adopter.refused:
            world.delete_by_hand(adopter)
            world.request(adopter, "Delete", adopter.wished)
            world.finish()
    answers = [adopter.answers[-1] for adopter in gone]
    assert answers == ["success"] * len(gone), answers
    assert world.clock.now() - began < 1600 + 400 * len(gone), f"deleting took {world.clock.now() - began} s"
    world.watch.check_nothing_left()


def search(seeds: Iterable[int], seen: Counter[str]) -> str:
    """Run examples until one fails; what it has found, empty if nothing. Counts what happens in `seen`."""
    for seed in seeds:
        driver = Driver(seed)
        try:
            driver.run()
        except Exception as error:  # noqa: BLE001
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"seed {seed}: {type(error).__name__}: {error} at {where.name}:{where.lineno}"
        count(driver.world, seen)
    return ""


def count(world: World, seen: Counter[str]) -> None:
    """What has happened in an example."""
    seen["examples"] += 1
    seen["runs"] += world.started
    seen.update(operation for _, operation, _ in world.aws.calls)
    for adopter in world.adopters:
        for answer in adopter.answers:
            seen[answer if not answer.startswith("failed") else "failed"] += 1
            seen["refused by the guard"] += "is wanted by" in answer
