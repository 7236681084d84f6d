"""Recognises mount targets whose creation was recorded and whose answer is not known.

The answer may have been lost, or another adopter was faster. What carries the group that only we have is ours. Without such
a group nothing can be told, and the mount target is left to whoever made it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, Ledger
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.errors import NotReadyError
from geuse_efs_waiter.models import MountTargetResource

logger = logging.getLogger(__name__)

APPEARANCE_SECONDS = 30.0
"""How long a mount target may take to be listed after its creation."""


def recognise_among(site: Site, ledger: Ledger, seen: Iterable[MountTargetResource]) -> tuple[Ledger, bool]:
    """Tell what can be told from one look.

    Args:
        site: where.
        ledger: the own ledger; its group is the proof.
        seen: the mount targets.

    Returns:
        The ledger with the ids found, or without the zones where somebody else was faster; and whether one of those seen
        cannot be told yet, because its interface is not.
    """
    candidates = [one for one in seen if ledger.created.get(one.availability_zone) == INTENDED]
    groups = site.groups_of(candidates) if candidates and ledger.own_group else {}
    unsure = False
    for target in candidates:
        carried = groups.get(target.mount_target_id)
        if ledger.own_group and carried is None:
            unsure = True
        elif carried is not None and ledger.group in carried:
            ledger = ledger.with_created(target.availability_zone, target.mount_target_id)
        else:
            logger.warning("%s in %s was made by somebody else", target.mount_target_id, target.availability_zone)
            ledger = ledger.without_created(target.availability_zone)
    return ledger, unsure


def recognise_all(site: Site, ledger: Ledger, zones: frozenset[str]) -> Ledger:
    """Look until everything recorded in the zones is told; what does not appear in time was never made.

    Raises:
        NotReadyError: if the time of the task is over before.
    """
    started = site.deadline.elapsed
    while unknown := _recorded(ledger, zones):
        ledger, _ = recognise_among(site, ledger, (one for one in site.look() if one.availability_zone in unknown))
        if site.deadline.elapsed - started > APPEARANCE_SECONDS:
            for zone in _recorded(ledger, zones):
                ledger = ledger.without_created(zone)
        elif _recorded(ledger, zones) and not site.deadline.pause():
            raise NotReadyError(
                f"file system {site.file_system_id}: mount targets in {', '.join(unknown)} may still appear after "
                f"{site.deadline.elapsed:.0f} s; run the same again",
                out_of_time=True,
            )
    return ledger


def _recorded(ledger: Ledger, zones: frozenset[str]) -> list[str]:
    """The zones where a creation is recorded and nothing is known of it."""
    return sorted(zone for zone in zones if ledger.created.get(zone) == INTENDED)
