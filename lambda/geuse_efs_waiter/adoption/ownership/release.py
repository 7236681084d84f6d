"""Releases zones of a file system: deletes what the own ledger lists, unless another adopter uses the zone.

    mark as leaving -> for each mount target of ours: delete, or leave to those who use the zone -> settle
    -> take what others left in these zones and nobody uses any more

Of two adopters that leave at the same time, the later one to write sees the other; it waits until that one has settled and
then takes what it left. Settling comes before waiting, so nobody waits for somebody who waits.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from geuse_efs_waiter.adoption.ownership.ledger import Ledger
from geuse_efs_waiter.adoption.ownership.page import Page
from geuse_efs_waiter.adoption.ownership.recognition import recognise_all
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.errors import NotReadyError

logger = logging.getLogger(__name__)

MOST_GROUPS = 5


def leave(site: Site, *, keep: bool = False, tombstone: bool = False) -> None:
    """Give up everything: the end of an adopter.

    Args:
        site: where.
        keep: leave what it has created in place, as nobody's.
        tombstone: leave the tag that names this run, so that a request before it, which was never answered and may still be
            run by Lambda, finds itself superseded.

    Raises:
        NotReadyError, AwsCallError: as in `release`.
    """
    page = site.book.enter(first=False)
    left = Ledger()
    if page.written:
        own = replace(page.own, created={}) if keep else page.own
        left = release(site, replace(own, claims=frozenset()), own.claims)
        if not left.created:
            site.book.close()
    site.book.leave(tombstone=tombstone)
    if left.created:
        # Whoever deleted what was left while this run was at work has not touched its ledger.
        site.book.keep_quiet()
        present = {one.mount_target_id for one in site.look()}
        if present.isdisjoint(left.created.values()):
            site.book.close()


def release(site: Site, own: Ledger, zones: frozenset[str]) -> Ledger:
    """Give up the zones and whatever of them is ours to delete.

    Args:
        site: where.
        own: the own ledger as last written.
        zones: what to give up; the claims of other zones stay.

    Returns:
        The own ledger as last written.

    Raises:
        NotReadyError: if the time is over.
        AwsCallError: if AWS refuses a call for good.
    """
    zones |= own.leaving | (frozenset(own.created) - own.claims)
    while zones:
        leaving = replace(own, claims=own.claims - zones, leaving=zones, since=int(site.now()))
        page = site.book.publish(leaving)
        own = _settle(site, page.own, page)
        if not page.leaving(zones, site.now()):
            break
        page = _wait_for(site, own, zones)
        # It may have left something to us, or with our group on it, before it could see that we are leaving too.
        if not any(page.left_behind(zone, site.now()) for zone in zones):
            break
    return own


def _settle(site: Site, ledger: Ledger, page: Page) -> Ledger:
    """Delete what nobody uses, hand over what somebody uses, and write down what is left."""
    recognised = recognise_all(site, ledger, ledger.leaving)
    if recognised != ledger:
        # Listed before it is touched, as everything is.
        ledger = site.book.write(recognised)
    doomed: set[str] = set()
    for zone in ledger.leaving:
        ours = ledger.created.get(zone)
        own = {ours} if ours else set()
        claimants = page.claimants(zone)
        if claimants:
            _hand_over(site, ledger.group, own, page.made(zone), claimants)
        else:
            doomed |= own | page.left_behind(zone, site.now())
            ledger = ledger.without_created(zone)
    present = _delete(site, doomed)
    for key, other in site.book.read().gone.items():
        # Only the ledger of an adopter that is gone: one that lives may be writing it at this moment.
        if present.isdisjoint(other.created.values()):
            site.book.remove_gone(key)
    return site.book.write(replace(ledger, leaving=frozenset(), since=0))


def _hand_over(site: Site, own_group: str, own: set[str], others: set[str], claimants: Iterable[Ledger]) -> None:
    """Leave mount targets to those who use them: our security group comes off, theirs goes on.

    Also off what other adopters made and we were given: CloudFormation cannot delete a group that is on an interface. What we
    made may carry the group of before, if the update that gives up the zone also brings another one.
    """
    groups = sorted({ledger.group for ledger in claimants if ledger.group})[:MOST_GROUPS]
    here = [one for one in site.look() if one.mount_target_id in own | others]
    for name, carried in site.groups_of(here).items():
        if groups and carried != frozenset(groups) and (name in own or own_group in carried):
            logger.info("leaving mount target %s to another deployment, with groups %s", name, groups)
            site.set_groups(name, groups)


def _delete(site: Site, doomed: Iterable[str]) -> set[str]:
    """Delete mount targets and wait until they are gone; the ids that are still listed."""
    waiting = set(doomed)
    for name in sorted(waiting):
        logger.info("deleting mount target %s", name)
        site.delete(name)
    deleted_any = bool(waiting)
    while True:
        present = {one.mount_target_id for one in site.look() if one.lifecycle_state != "deleted"}
        if not waiting & present:
            break
        _pause(site, f"mount targets {', '.join(sorted(waiting & present))} are still being deleted")
    if deleted_any:
        # The zones stay marked as leaving for as long as a reader may still see what is deleted.
        site.book.keep_quiet()
    return present


def _wait_for(site: Site, own: Ledger, zones: frozenset[str]) -> Page:
    """Wait until no other adopter is leaving one of the zones."""
    while True:
        page = site.book.read_after(own)
        busy = page.leaving(zones, site.now())
        if not busy:
            return page
        _pause(site, f"the deployment with the tag {busy[0]} is still giving up the same zones")


def _pause(site: Site, what: str) -> None:
    logger.info("%.1f s: %s", site.deadline.elapsed, what)
    if not site.deadline.pause():
        raise NotReadyError(
            f"file system {site.file_system_id} is not released after {site.deadline.elapsed:.0f} s: {what}; run the deletion "
            "again",
            out_of_time=True,
        )
