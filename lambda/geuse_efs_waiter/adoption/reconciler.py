"""Answers the requests of an adoption: look, judge, settle in; or move out."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from geuse_efs_waiter.adoption.adoption_spec import Terms, retains_created
from geuse_efs_waiter.adoption.checks.evaluate import Judgement, judge
from geuse_efs_waiter.adoption.checks.observe import look
from geuse_efs_waiter.adoption.checks.observed import Seen
from geuse_efs_waiter.adoption.ownership.book import Book
from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, Ledger, ledger_key
from geuse_efs_waiter.adoption.ownership.page import serial_of
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.adoption.ownership.tenure import leave, settle_in
from geuse_efs_waiter.aws.network_interface_tags import tag_network_interfaces
from geuse_efs_waiter.aws.polling import Patience
from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID, check_zone
from geuse_efs_waiter.cloudformation.request import PHYSICAL_ID_PREFIX, Request, physical_id
from geuse_efs_waiter.cloudformation.response import LONGEST_WARNING, Answer, attributes
from geuse_efs_waiter.errors import AdoptionRefusedError, FileSystemNotFoundError, WaiterError
from geuse_efs_waiter.models import MountTargetResource

if TYPE_CHECKING:
    from geuse_efs_waiter.reconciler import Surroundings

logger = logging.getLogger(__name__)

STRAY_SECONDS = 60
"""How long what a failed update has left on another file system is seen to; the roll-back itself comes after it."""
LONGEST_REASON = 2800
"""Bytes of a reason: what an answer of 4096 has left beside the ids of stack and resource, and the name of the log."""


def adopt(request: Request, terms: Terms, around: Surroundings, patience: Patience) -> Answer:
    """Answer a create or an update.

    Raises:
        AdoptionRefusedError: with every finding, before anything is changed.
        WaiterError: as in `settle_in`.
    """
    account = request.account
    region = around.efs.meta.region_name
    seen = look(around.efs, around.ec2(), terms.wish, patience, region, account=account)
    own = _own_ledger(request, seen)
    judgement = judge(terms.wish, seen, ours=_ours(own, seen))
    for line in judgement.findings.table():
        logger.info("%s", line)
    _refuse_errors(judgement, own, terms, around)
    wanted = {key: seen.subnets[terms.wish.subnets[key]] for key in (*judgement.covered_by, *judgement.to_create)}
    for key, subnet in wanted.items():
        check_zone(key, subnet.availability_zone, subnet.subnet_id, region)
    site = _site(request, terms.wish.file_system_id, around, patience, terms)
    settled = settle_in(
        site,
        {subnet.availability_zone: subnet.subnet_id for subnet in wanted.values()},
        create_missing=terms.wish.create_missing,
        keep=terms.retain_created,
        digest=terms.digest,
        first=request.request_type == "Create" and not request.waited,
    )
    made = [one for one in settled.targets.values() if one.mount_target_id in settled.ledger.created.values()]
    untagged = tag_network_interfaces(around.ec2, made, terms.tags, around.clock)
    by_zone: dict[str, MountTargetResource | None] = dict.fromkeys(terms.wish.subnets)
    by_zone |= {key: settled.targets[subnet.availability_zone] for key, subnet in wanted.items()}
    warning = " ".join(filter(None, (judgement.findings.warning(LONGEST_WARNING, around.log_name), untagged)))
    return Answer(physical_id(terms.wish.file_system_id), attributes(terms.wish.file_system_id, by_zone, warning))


def move_out(request: Request, around: Surroundings, patience: Patience) -> Answer:
    """Answer a delete. Nothing of the properties is needed but the file system, and whether to keep what was made."""
    candidates = (
        str(request.properties.get("FileSystemId", "")).rpartition("/")[2],
        (request.physical_resource_id or "").removeprefix(PHYSICAL_ID_PREFIX),
    )
    file_system_id = next((name for name in candidates if re.fullmatch(FILE_SYSTEM_ID, name)), None)
    if file_system_id is None:
        logger.info("no file system is named, so nothing can have been made")
        return Answer(request.kept_physical_id)
    # CloudFormation invents an id where the create was cancelled: it may still be running, or be run again.
    unanswered = not (request.physical_resource_id or "").startswith(PHYSICAL_ID_PREFIX)
    try:
        site = _site(request, file_system_id, around, patience, None)
        leave(site, keep=retains_created(request.properties), tombstone=unanswered)
    except FileSystemNotFoundError as gone:
        logger.info("nothing to release: %s", gone)
    return Answer(request.kept_physical_id)


def leave_stray(request: Request, file_system_id: str, around: Surroundings) -> None:
    """Before a roll-back: give up what the failed update has begun on another file system, for which no delete comes.

    CloudFormation may have taken the rights there from the role already: then the roll-back goes on with a warning in the log.
    """
    stray = str(request.old_properties.get("FileSystemId")).rpartition("/")[2]
    rolled_back = request.request_type == "Update" and request.physical_resource_id == physical_id(file_system_id)
    if rolled_back and stray != file_system_id and re.fullmatch(FILE_SYSTEM_ID, stray):
        try:
            began = replace(request, properties=request.old_properties)
            move_out(began, around, Patience(STRAY_SECONDS, clock=around.clock))
        except WaiterError as error:
            logger.warning("what was begun on %s may be left there: %s", stray, error)


def _own_ledger(request: Request, seen: Seen) -> Ledger:
    tags: Mapping[str, str] = seen.file_system.tags if seen.file_system else {}
    text = tags.get(ledger_key(request.stack_id, request.logical_resource_id), "")
    ledger = Ledger.parse(text, seen.region)
    return Ledger() if ledger.unreadable else ledger


def _ours(own: Ledger, seen: Seen) -> frozenset[str]:
    """The mount targets of our making, also those whose creation was recorded and whose answer was lost."""
    intended = {zone for zone, name in own.created.items() if name == INTENDED}
    lost = {
        one.mount_target_id
        for one in seen.mount_targets
        if one.availability_zone in intended and own.group in one.security_groups
    }
    return frozenset(own.created.values()) | lost


def _refuse_errors(judgement: Judgement, own: Ledger, terms: Terms, around: Surroundings) -> None:
    if not judgement.findings.errors:
        return
    if terms.digest in own.settled:
        # These properties were in force before: a roll-back, which must not fail because the world has changed.
        logger.warning("going on in spite of %s, because this is what was deployed before", judgement.findings.count)
        return
    raise AdoptionRefusedError(judgement.findings.reason(LONGEST_REASON, around.log_name))


def _site(request: Request, file_system_id: str, around: Surroundings, patience: Patience, terms: Terms | None) -> Site:
    now = around.wall_clock()
    book = Book(
        around.efs,
        file_system_id,
        ledger_key(request.stack_id, request.logical_resource_id),
        around.efs.meta.region_name,
        patience,
        serial=serial_of(request.sent, now, secrets.token_hex(1)),
        quiet_seconds=around.quiet_seconds,
    )
    return Site(
        efs=around.efs,
        ec2=around.ec2,
        file_system_id=file_system_id,
        book=book,
        patience=patience,
        now=around.wall_clock,
        security_group_ids=terms.wish.security_group_ids if terms else (),
        own_group=terms.own_group if terms else False,
        ip_address_type=terms.ip_address_type if terms else "IPV4_ONLY",
    )
