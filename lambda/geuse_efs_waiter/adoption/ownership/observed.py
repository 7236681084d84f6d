"""What one observation shows, from the point of view of one adoption: what is there, and whose it is. Pure, no calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from geuse_efs_waiter.adoption.adoptions import Adoption
from geuse_efs_waiter.adoption.ownership.notes import Note
from geuse_efs_waiter.models import MountTargetResource


@dataclass(frozen=True, slots=True)
class Observed:
    """One observation.

    Attributes:
        own: the own group.
        adoptions: of the file system, by group. Read first, so that the group of a mount target that is still listed is
            not taken for gone.
        targets: the mount targets.
        carried: the security groups of each mount target whose interface is listed, by its id.
        began: when the observation began; it shows nothing older, but for the lag of reads.
    """

    own: str
    adoptions: Mapping[str, Adoption]
    targets: tuple[MountTargetResource, ...] = ()
    carried: Mapping[str, frozenset[str]] = field(default_factory=dict)
    began: float = 0.0

    @property
    def own_groups(self) -> frozenset[str]:
        """More than one while an update replaces the group."""
        own = self.adoptions.get(self.own, Adoption(self.own))
        same = (one for one in self.adoptions.values() if one.identity == own.identity and not one.retained)
        return frozenset({self.own}.union(one.group for one in same))

    @property
    def notes(self) -> Mapping[str, Note]:
        """The notes of the own runs, by serial."""
        own = (self.adoptions[group] for group in self.own_groups & self.adoptions.keys())
        return {serial: note for adoption in own for serial, note in adoption.notes.items()}

    @property
    def settled(self) -> tuple[str, ...]:
        """Digests of the properties that the own runs have brought about, the newest first."""
        newest_first = sorted(self.notes.items(), reverse=True)
        return tuple(dict.fromkeys(digest for _, note in newest_first for digest in note.settled))

    @property
    def known_groups(self) -> frozenset[str]:
        """The groups beside the own ones that mount targets of the adoption may carry, as the notes say."""
        return frozenset[str]().union(*(note.given for note in self.notes.values()))

    @property
    def others(self) -> list[Adoption]:
        """The other adoptions that live."""
        own = self.own_groups
        return [one for one in self.adoptions.values() if one.group not in own and not one.retained]

    def groups_of(self, target: MountTargetResource) -> frozenset[str] | None:
        """The groups that a mount target carries; None while its interface is not listed."""
        return self.carried.get(target.mount_target_id)

    def owns(self, target: MountTargetResource, given: frozenset[str]) -> bool:
        """Whether the adoption has created the mount target, and nobody else has changed it.

        Args:
            target: the mount target.
            given: the groups that the adoption gives beside its own; what its notes say is known.
        """
        groups = self.groups_of(target) or frozenset()
        return bool(groups & self.own_groups) and groups <= self.own_groups | self.known_groups | given
