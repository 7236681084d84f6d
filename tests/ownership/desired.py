"""What an adopter is asked for, and how a test draws it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.simulator.names import REGION

GIVEN = ("sg-f0e1f0e1", "sg-f0e1f0e2")
"""Groups that everybody may give. The first one is also on the mount targets that were there before."""

some_zones = st.frozensets(st.sampled_from([REGION + letter for letter in "abc"]))


@dataclass(frozen=True)
class Desired:
    """The properties of the custom resource, as far as they matter here.

    Attributes:
        zones: what it is to use.
        keep: RetainCreated.
        create_missing: CreateMissing.
        given: whether its group is given, and may be on others' mount targets too; else it has its own.
        second: whether it is the second such group, as after a replacement.
    """

    zones: frozenset[str]
    keep: bool = False
    create_missing: bool = True
    given: bool = False
    second: bool = False

    def group(self, own: tuple[str, str]) -> str:
        """The security group, for an adopter that has these two."""
        return (GIVEN if self.given else own)[self.second]

    @property
    def digest(self) -> str:
        """Tells it from others."""
        return f"{self.keep:d}{self.create_missing:d}{self.given:d}{self.second:d}"

    def only(self, varied: frozenset[str]) -> Desired:
        """The same, but as usual in everything else."""
        return replace(Desired(self.zones), **{name: getattr(self, name) for name in varied})


VARIED = ("keep", "create_missing", "given", "second")

sometimes = st.sampled_from([False, False, True])
wishes = st.builds(
    Desired,
    some_zones.filter(bool),
    keep=sometimes,
    create_missing=sometimes.map(lambda missing: not missing),
    given=sometimes,
    second=sometimes,
)
