"""The ledger of one adopter: a tag on the file system that says what it uses and what it has made.

It is written before anything is created. Only what a ledger lists is ever deleted or changed; where the tag is gone, a mount
target is left behind rather than somebody else's deleted (docs/adr/0006-ledger.md).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from geuse_efs_waiter.errors import WaiterError

KEY_PREFIX = "geuse-efs:"
LONGEST_VALUE = 256
STALE_LEAVING_SECONDS = 75 * 60
"""A release that began longer ago is dead: CloudFormation waits an hour at most, a run lasts 15 minutes."""

INTENDED = ""
"""What `Ledger.created` holds while a mount target is about to be created, or its id is not known yet."""

_VERSION = "v1"


RUN_SUFFIX = ".run"
"""Added to the ledger's key for the tag that says which run of the adopter is, or was last, at work."""


def ledger_key(stack_id: str, logical_resource_id: str) -> str:
    """The tag key of one adopter: the same for every request of one resource in one stack."""
    return KEY_PREFIX + hashlib.sha256(f"{stack_id} {logical_resource_id}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One adopter's ledger. Zones are AZ names.

    Attributes:
        claims: the zones it uses, whoever made the mount target there.
        leaving: the zones it is giving up right now; whoever wants one of them waits.
        since: when that began, seconds since the epoch.
        created: the mount target that it made in a zone, `INTENDED` if the id is not known yet. In a zone that it neither
            claims nor leaves, the mount target was kept for others; the last one to leave the zone deletes it.
        group: the security group that its mount targets carry.
        own_group: whether that group belongs to the adopter alone, so that it marks what the adopter made.
        writing: distinguishes this writing from every other, so that a reader knows which one it sees.
        settled: digests of the properties that were last brought about, the newest first.
        unreadable: not of this version: it claims everything, and nothing of it is touched.
    """

    claims: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    since: int = 0
    created: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    own_group: bool = False
    writing: str = ""
    settled: tuple[str, ...] = ()
    unreadable: bool = False

    @property
    def gone(self) -> bool:
        """Whether its adopter is gone and has left mount targets to others."""
        return bool(self.created) and not (self.claims or self.leaving or self.unreadable)

    def claims_zone(self, zone: str) -> bool:
        """Whether it uses the zone."""
        return self.unreadable or zone in self.claims

    def is_leaving(self, zones: Iterable[str], now: float) -> bool:
        """Whether it is giving up one of the zones right now."""
        return not self.leaving.isdisjoint(zones) and now - self.since < STALE_LEAVING_SECONDS

    def left_behind(self, zone: str, now: float) -> str | None:
        """The mount target that it made in the zone and left to others."""
        if self.claims_zone(zone) or self.is_leaving([zone], now):
            return None
        return self.created.get(zone) or None

    def with_created(self, zone: str, mount_target_id: str) -> Ledger:
        """The same, having made that mount target, or being about to."""
        return replace(self, created={**self.created, zone: mount_target_id})

    def without_created(self, zone: str) -> Ledger:
        """The same, having made nothing in the zone."""
        return replace(self, created={name: value for name, value in self.created.items() if name != zone})

    def encode(self, region: str) -> str:
        """The tag's value, at most 256 of the characters that AWS takes in tags.

        Raises:
            WaiterError: if it is too long, which takes more zones than a region has.
        """
        made = {zone: name.removeprefix("fsmt-") for zone, name in self.created.items()}
        parts = {
            "c": ".".join(_short(zone, region) for zone in sorted(self.claims)),
            "l": ".".join(_short(zone, region) for zone in sorted(self.leaving)),
            "t": str(self.since) if self.leaving else "",
            "m": ".".join(f"{_short(zone, region)}:{made[zone]}" for zone in sorted(made)),
            "g" if self.own_group else "h": self.group.removeprefix("sg-"),
            "n": self.writing,
            "k": ".".join(self.settled[:2]),
        }
        text = " ".join([_VERSION, *(f"{key}={value}" for key, value in parts.items() if value)])
        if len(text) > LONGEST_VALUE:
            raise WaiterError(
                f"the ledger would have {len(text)} characters, a tag takes {LONGEST_VALUE}; adopt in fewer availability zones"
            )
        return text

    @classmethod
    def parse(cls, text: str, region: str) -> Ledger:
        """Read a tag's value; what is not of this version is `unreadable`."""
        parts = dict(re.findall(r" ([cltmghnk])=([A-Za-z0-9.:-]*)", text))
        rebuilt = " ".join([_VERSION, *(f"{key}={value}" for key, value in parts.items())])
        if rebuilt != text or not parts.get("t", "0").isdigit():
            return cls(unreadable=True)
        made = (entry.partition(":") for entry in parts.get("m", "").split(".") if entry)
        group = parts.get("g") or parts.get("h") or ""
        return cls(
            claims=frozenset(_long(parts.get("c", ""), region)),
            leaving=frozenset(_long(parts.get("l", ""), region)),
            since=int(parts.get("t", "0")),
            created={_full(zone, region): f"fsmt-{name}" if name else INTENDED for zone, _, name in made},
            group=f"sg-{group}" if group else "",
            own_group="g" in parts,
            writing=parts.get("n", ""),
            settled=tuple(digest for digest in parts.get("k", "").split(".") if digest),
        )


def _short(zone: str, region: str) -> str:
    return zone.removeprefix(region)


def _full(code: str, region: str) -> str:
    return code if code.startswith(region) else region + code


def _long(codes: str, region: str) -> list[str]:
    return [_full(code, region) for code in codes.split(".") if code]
