"""The two things an adopter does: settle in a set of zones, and move out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from geuse_efs_waiter.adoption.ownership.claim import Claimed, claim
from geuse_efs_waiter.adoption.ownership.release import leave, release
from geuse_efs_waiter.adoption.ownership.site import Site

__all__ = ["leave", "settle_in"]


def settle_in(
    site: Site, subnets: Mapping[str, str], *, create_missing: bool, keep: bool, digest: str, first: bool
) -> Claimed:
    """Use exactly these zones from now on: claim them, create what is missing, and give up the others.

    What is new comes first, so that a failure leaves what was there.

    Args:
        site: where.
        subnets: the wanted subnet of each AZ.
        create_missing: whether to create what is missing.
        keep: leave what was created in zones that are not wanted in place, as nobody's.
        digest: of the properties; written down when they have been brought about.
        first: whether there was no request before this one.

    Returns:
        The available mount target of each zone, and the own ledger.

    Raises:
        WaiterError: as in `claim` and `release`.
    """
    own = site.book.enter(first=first).own
    claimed = claim(site, own, subnets, create_missing=create_missing)
    ledger, given_up = claimed.ledger, claimed.ledger.claims - frozenset(subnets)
    if keep:
        ledger = replace(ledger, created={zone: name for zone, name in ledger.created.items() if zone in subnets})
    ledger = release(site, ledger, given_up)
    settled = (digest, *(old for old in ledger.settled if old != digest))[:2]
    ledger = site.book.write(replace(ledger, settled=settled))
    return Claimed(claimed.targets, ledger)
