"""One reading of all the tags of a file system: who uses which zones, who is at work, and who is long gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geuse_efs_waiter.adoption.ownership.ledger import KEY_PREFIX, RUN_SUFFIX, Ledger

ENDED_SUFFIX = ".ended" + RUN_SUFFIX
"""Added to the ledger's key for the tag that says which run has ended an adopter that may still be asked to begin."""

_LONGEST_LIFE = 30 * 3600
"""Seconds after which nothing of a request can come any more: Lambda keeps an event for six hours at most (its default), and
the longest wait takes four runs, one after the other, each of which is started by an event."""


@dataclass(frozen=True, slots=True)
class Page:
    """One reading of the book: the own ledger, whether it was there, the others', and who of them is at work."""

    own: Ledger
    written: bool
    others: Mapping[str, Ledger]
    at_work: frozenset[str]

    @classmethod
    def parse(cls, tags: Mapping[str, str], key: str, region: str) -> Page:
        """Read the tags as the adopter whose ledger has this key."""
        runs = {one for one in tags if one.endswith(RUN_SUFFIX)}
        ledgers = {
            one: Ledger.parse(value, region)
            for one, value in tags.items()
            if one.startswith(KEY_PREFIX) and one not in runs
        }
        at_work = frozenset(one.removesuffix(RUN_SUFFIX) for one in runs)
        return cls(ledgers.pop(key, Ledger()), key in tags, ledgers, at_work)

    @property
    def gone(self) -> dict[str, Ledger]:
        """The ledgers of adopters that are gone and have left mount targets to others."""
        return {key: ledger for key, ledger in self.others.items() if ledger.gone and key not in self.at_work}

    def claimants(self, zone: str) -> list[Ledger]:
        """The other adopters that use the zone."""
        return [ledger for ledger in self.others.values() if ledger.claims_zone(zone)]

    def leaving(self, zones: Iterable[str], now: float) -> list[str]:
        """The other adopters that are giving up one of the zones right now."""
        wanted = frozenset(zones)
        return [key for key, ledger in self.others.items() if ledger.is_leaving(wanted, now)]

    def made(self, zone: str) -> set[str]:
        """The mount targets that others made in the zone, whoever uses them."""
        return {name for ledger in self.others.values() if (name := ledger.created.get(zone))}

    def left_behind(self, zone: str, now: float) -> set[str]:
        """The mount targets that others made in the zone and left to whoever uses it."""
        return {name for ledger in self.others.values() if (name := ledger.left_behind(zone, now))}


def serial_of(sent: float | None, now: float, letters: str) -> str:
    """Names a run, so that the names of later requests, and of later runs of one request, are greater.

    Lambda may run a crashed request again after a later request has been dealt with; then the old one must not win.

    Args:
        sent: when CloudFormation sent the request, seconds since the epoch; None if that is not known.
        now: when the run began, seconds since the epoch.
        letters: a few random ones, to tell two apart that begin together.
    """
    return f"{int(now if sent is None else sent):09x}{int(now * 1000):012x}{letters}"


def long_ended(tags: Mapping[str, str], serial: str) -> list[str]:
    """The tags that end adopters of which nothing can come any more, when the run of that name begins."""
    oldest = f"{int(serial[9:21], 16) // 1000 - _LONGEST_LIFE:09x}"
    return [
        key for key, ended in tags.items()
        if key.startswith(KEY_PREFIX) and key.endswith(ENDED_SUFFIX) and ended < oldest
    ]  # fmt: skip
