"""Claims zones of a file system and creates the mount targets that are missing there.

    claim -> for each missing zone: record, create, recognise -> wait until available and nobody is leaving

Every step may be repeated after a crash: what was recorded is looked for before anything is created again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, Ledger
from geuse_efs_waiter.adoption.ownership.recognition import recognise_all, recognise_among
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.aws.retries import AwsError, code_of, is_transient, may_have_taken_effect, to_error
from geuse_efs_waiter.errors import AwsCallError, MountTargetFailedError, NotReadyError
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.readiness import AVAILABLE, TERMINAL_STATES

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim has brought about."""

    targets: Mapping[str, MountTargetResource]
    ledger: Ledger


def claim(site: Site, own: Ledger, subnets: Mapping[str, str], *, create_missing: bool) -> Claimed:
    """Claim the zones and bring about an available mount target in each.

    Args:
        site: where.
        own: the own ledger as it is.
        subnets: the wanted subnet of each AZ; any mount target in the AZ will do.
        create_missing: whether to create what is missing.

    Returns:
        The available mount target of each zone, and the own ledger, which lists what was created.

    Raises:
        MountTargetFailedError: if one is in a state that never becomes available.
        NotReadyError: if the time is over.
        AwsCallError: if AWS refuses a call for good.
    """
    zones = frozenset(subnets)
    if own.group != site.group:
        # What an earlier run has recorded carries the group of then; the ledger is about to forget that group.
        own = recognise_all(site, own, frozenset(own.created))
    # What an earlier run was giving up and is wanted again is given up no longer.
    claimed = replace(own, claims=own.claims | zones, leaving=own.leaving - zones)
    ledger = site.book.publish(replace(claimed, group=site.group, own_group=site.own_group)).own
    # Where something may have been made that no look has shown yet.
    doubtful = {zone for zone, name in ledger.created.items() if name == INTENDED}
    while True:
        throttled = False
        # The book first, then the mount targets: once the claim is seen and nobody is leaving, what is there stays.
        busy = site.book.read_after(ledger).leaving(zones, site.now())
        seen = {one.availability_zone: one for one in site.look() if one.lifecycle_state != "deleted"}
        recognised, unsure = recognise_among(site, ledger, seen.values())
        if recognised != ledger:
            ledger = site.book.write(recognised)
        _refuse_failed(site, seen, subnets)
        missing = [zone for zone in subnets if zone not in seen]
        waiting = [f"{zone} has {_state(seen.get(zone))}" for zone in subnets if _state(seen.get(zone)) != AVAILABLE]
        # Whoever is giving up a zone may be about to delete what is there, although it is available still.
        waiting += [f"the tag {key} says that another deployment is just giving up one of these zones" for key in busy]
        if not waiting and not unsure:
            _dress(site, ledger, {zone: seen[zone] for zone in subnets})
            return Claimed({zone: seen[zone] for zone in subnets}, ledger)
        if missing and create_missing:
            # One zone at a time: parallel calls may return each other's mount target.
            ledger, throttled = _create(site, ledger, missing[0], subnets[missing[0]], doubtful)
        logger.info("%.1f s: %s", site.deadline.elapsed, "; ".join(waiting))
        if not site.deadline.pause(throttled=throttled):
            raise NotReadyError(
                f"file system {site.file_system_id} is not ready after {site.deadline.elapsed:.0f} s: "
                f"{'; '.join(waiting)}; expected an available mount target in each zone, and nobody leaving it; deploy "
                "again with a longer wait_timeout (at most 40 minutes), or remove the tag if its stack is gone",
                out_of_time=True,
            )


def _create(site: Site, ledger: Ledger, zone: str, subnet_id: str, doubtful: set[str]) -> tuple[Ledger, bool]:
    """Record, then create; True if AWS asked to press less hard. What was made is recognised at the next look."""
    if ledger.created.get(zone) != INTENDED:
        ledger = site.book.write(ledger.with_created(zone, INTENDED))
    try:
        created = site.create(subnet_id)
    except AwsError as error:
        if may_have_taken_effect(error):
            doubtful.add(zone)
        if code_of(error) == "MountTargetConflict":
            return ledger, False
        if is_transient(error, elapsed=site.deadline.elapsed):
            return ledger, True
        if zone not in doubtful:
            _strike_out(site, ledger, zone)
        operation = f"creating a mount target in {zone} ({subnet_id}) of file system {site.file_system_id}"
        raise to_error(error, operation) from error
    doubtful.add(zone)
    logger.info("creating mount target %s in %s (%s)", created.mount_target_id, zone, subnet_id)
    # With a group that others may carry too, this answer is the only proof that it is ours.
    if not site.own_group and created.subnet_id == subnet_id:
        ledger = site.book.write(ledger.with_created(zone, created.mount_target_id))
        # A look that does not show it yet would have it recorded anew, and the proof would be lost.
        site.book.keep_quiet()
    return ledger, False


def _strike_out(site: Site, ledger: Ledger, zone: str) -> None:
    """Nothing was made in the zone for certain: whoever releases it need not wait for something to appear."""
    try:
        site.book.write(ledger.without_created(zone))
    except AwsCallError as error:
        # It costs the release half a minute; the refusal is what has to be told.
        logger.warning("nothing was made in %s, but its record stays: %s", zone, error)


def _refuse_failed(site: Site, seen: Mapping[str, MountTargetResource], subnets: Mapping[str, str]) -> None:
    failed = [f"mount target {seen[zone].mount_target_id} in {zone} is {seen[zone].lifecycle_state}" for zone in subnets
              if zone in seen and seen[zone].lifecycle_state in TERMINAL_STATES]  # fmt: skip
    if failed:
        raise MountTargetFailedError(
            f"file system {site.file_system_id}: {', '.join(failed)}; expected {AVAILABLE}; delete the mount target and "
            "deploy again"
        )


def _dress(site: Site, ledger: Ledger, targets: Mapping[str, MountTargetResource]) -> None:
    """Give our mount targets the security groups wanted now. Nobody else's is touched."""
    ours = [target for zone, target in targets.items() if ledger.created.get(zone) == target.mount_target_id]
    wanted = frozenset(site.security_group_ids)
    if not ours or not wanted:
        return
    for name, groups in site.groups_of(ours).items():
        if groups != wanted:
            site.set_groups(name, wanted)


def _state(target: MountTargetResource | None) -> str:
    return target.lifecycle_state if target else "no mount target"
