"""What an adopter is asked for, and how a test draws it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.simulator.names import REGION

GIVEN = ("sg-f0e1f0e1", "sg-f0e1f0e2")
"""Groups that every adopter may give. The first one is also on mount targets of other owners."""

some_zones = st.frozensets(st.sampled_from([REGION + letter for letter in "abc"]))


@dataclass(frozen=True)
class Desired:
    """The properties of the custom resource, as far as they matter here.

    Attributes:
        zones: what it is to use.
        retain: RetainCreated.
        create_missing: CreateMissing.
        given: whether a group is given beside its own.
        second: whether it is the second such group.
        replaced: whether an update replaces its own group.
        shares: whether it accepts mount targets of other adopters.
        insists: AllowDeletionWhileAdopted.
    """

    zones: frozenset[str]
    retain: bool = False
    create_missing: bool = True
    given: bool = False
    second: bool = False
    replaced: bool = False
    shares: bool = False
    insists: bool = False

    @property
    def groups(self) -> frozenset[str]:
        """The given ones."""
        return frozenset({GIVEN[self.second]}) if self.given else frozenset()

    @property
    def digest(self) -> str:
        """Tells it from others."""
        zones = "".join(sorted(zone[-1] for zone in self.zones))
        switches = (self.retain, self.create_missing, self.given, self.second, self.shares, self.insists)
        return f"{zones}{''.join('01'[switch] for switch in switches)}"

    def only(self, varied: frozenset[str]) -> Desired:
        """The same, but as usual in everything else."""
        return replace(Desired(self.zones), **{name: getattr(self, name) for name in varied})


VARIED = ("retain", "create_missing", "given", "second", "replaced", "shares", "insists")

sometimes = st.sampled_from([False, False, True])
desires = st.builds(
    Desired,
    some_zones.filter(bool),
    retain=sometimes,
    create_missing=sometimes.map(lambda missing: not missing),
    given=sometimes,
    second=sometimes,
    replaced=sometimes,
    shares=st.booleans(),
    insists=sometimes,
)


def draw(numbers: random.Random, pool: Sequence[str], varied: frozenset[str]) -> Desired:
    """One of them, as the dense driver draws it."""
    zones = frozenset(zone for zone in pool if numbers.random() < 0.7) or frozenset(pool[:1])
    retain, create, given, second, replaced, shares, insists = (
        numbers.random() < share for share in (0.2, 0.8, 0.5, 0.5, 0.5, 0.7, 0.2)
    )
    return Desired(zones, retain, create, given, second, replaced, shares, insists).only(varied)
