"""Brings about what a request of an adoption asks for: observe, evaluate, apply; or release."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec, ReleaseSpec
from geuse_efs_waiter.adoption.checks.evaluate import CheckResult, evaluate
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.adoption.ownership.book import Book
from geuse_efs_waiter.adoption.ownership.ledger import INTENDED, Ledger, ledger_key
from geuse_efs_waiter.adoption.ownership.page import serial_of
from geuse_efs_waiter.adoption.ownership.site import Site
from geuse_efs_waiter.adoption.ownership.tenure import leave, settle_in
from geuse_efs_waiter.aws.network_interface_tags import tag_network_interfaces
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID
from geuse_efs_waiter.cloudformation.request import PHYSICAL_ID_PREFIX, Request, physical_id
from geuse_efs_waiter.cloudformation.response import Response, attributes
from geuse_efs_waiter.created_spec import check_zone
from geuse_efs_waiter.errors import AdoptionRefusedError, FileSystemNotFoundError, WaiterError
from geuse_efs_waiter.limits import MAX_REASON_BYTES, MAX_WARNING_CHARACTERS, STRAY_SECONDS
from geuse_efs_waiter.models import MountTargetResource
from geuse_efs_waiter.run_context import ContinueInNextInvocation, RunContext

logger = logging.getLogger(__name__)


def reconcile_adoption(request: Request, context: RunContext, time_left: float) -> Response:
    """Apply a Create or an Update, release at a Delete. Arguments and errors as in `reconciler.reconcile`."""
    if request.request_type == "Delete":
        release = ReleaseSpec.parse(request.properties, request.physical_resource_id or "")
        return _within(release.seconds, request, context, time_left, partial(_release, request, release, context))
    spec = AdoptionSpec.parse(request.properties)
    begun = context.clock.now()
    _release_stray(request, spec.file_system_id, context)
    time_left -= context.clock.now() - begun
    return _within(spec.wait_timeout, request, context, time_left, partial(_apply, request, spec, context))


def _within(
    seconds: float,
    request: Request,
    context: RunContext,
    time_left: float,
    action: Callable[[PollingDeadline], Response],
) -> Response:
    """Act within so many seconds, of which this run has some and the next invocation the rest."""
    wait_left = max(0.0, seconds - request.already_waited)
    deadline = PollingDeadline(min(wait_left, time_left), already_waited=request.already_waited, clock=context.clock)
    try:
        return action(deadline)
    except WaiterError as error:
        if error.out_of_time and time_left < wait_left:
            raise ContinueInNextInvocation(deadline.elapsed) from error
        raise


def _apply(request: Request, spec: AdoptionSpec, context: RunContext, deadline: PollingDeadline) -> Response:
    """Check the file system, then create what it lacks.

    Raises:
        AdoptionRefusedError: with every finding, before anything is changed.
        WaiterError: as in `settle_in`.
    """
    region = context.efs.meta.region_name
    observed = observe(context.efs, context.ec2(), spec, deadline, region, account=request.account)
    own = _own_ledger(request, observed)
    result = evaluate(spec, observed, owned=_owned(own, observed))
    for line in result.findings.table():
        logger.info("%s", line)
    _refuse_errors(result, own, spec, context)
    subnets = {key: observed.subnets[spec.subnets[key]] for key in (*result.covered_by, *result.to_create)}
    for key, subnet in subnets.items():
        check_zone(key, subnet.availability_zone, subnet.subnet_id, region)
    settled = settle_in(
        _site(request, spec.file_system_id, context, deadline, spec),
        {subnet.availability_zone: subnet.subnet_id for subnet in subnets.values()},
        create_missing=spec.create_missing,
        keep=spec.retain_created,
        digest=spec.digest,
        first=request.request_type == "Create" and not request.already_waited,
    )
    created_ids = settled.ledger.created.values()
    created = [target for target in settled.targets.values() if target.mount_target_id in created_ids]
    untagged = tag_network_interfaces(context.ec2, created, spec.tags, context.clock)
    by_zone: dict[str, MountTargetResource | None] = dict.fromkeys(spec.subnets)
    by_zone |= {key: settled.targets[subnet.availability_zone] for key, subnet in subnets.items()}
    warning = " ".join(filter(None, (result.findings.warning(MAX_WARNING_CHARACTERS, context.log_name), untagged)))
    return Response(physical_id(spec.file_system_id), attributes(spec.file_system_id, by_zone, warning))


def _release(request: Request, release: ReleaseSpec, context: RunContext, deadline: PollingDeadline) -> Response:
    """Give up what the adoption created."""
    if release.file_system_id is None:
        logger.info("no file system is named, so nothing can have been created")
        return Response(request.kept_physical_id)
    # CloudFormation invents an id where the create was cancelled: it may still be running, or be run again.
    unanswered = not (request.physical_resource_id or "").startswith(PHYSICAL_ID_PREFIX)
    try:
        site = _site(request, release.file_system_id, context, deadline, None)
        leave(site, keep=release.retain_created, tombstone=unanswered)
    except FileSystemNotFoundError as gone:
        logger.info("nothing to release: %s", gone)
    return Response(request.kept_physical_id)


def _release_stray(request: Request, file_system_id: str, context: RunContext) -> None:
    """Before a roll-back: release what the failed update began on another file system, for which no Delete comes.

    CloudFormation may have taken the permissions there from the role already: then the roll-back goes on with a warning in
    the log.
    """
    stray = str(request.old_properties.get("FileSystemId")).rpartition("/")[2]
    rolled_back = request.request_type == "Update" and request.physical_resource_id == physical_id(file_system_id)
    if rolled_back and stray != file_system_id and re.fullmatch(FILE_SYSTEM_ID, stray):
        old = replace(request, properties=request.old_properties)
        release = ReleaseSpec.parse(request.old_properties, request.physical_resource_id or "")
        try:
            _release(old, release, context, PollingDeadline(STRAY_SECONDS, clock=context.clock))
        except WaiterError as error:
            logger.warning("what was begun on %s may be left there: %s", stray, error)


def _own_ledger(request: Request, observed: Observed) -> Ledger:
    tags: Mapping[str, str] = observed.file_system.tags if observed.file_system else {}
    text = tags.get(ledger_key(request.stack_id, request.logical_resource_id), "")
    ledger = Ledger.parse(text, observed.region)
    return Ledger() if ledger.unreadable else ledger


def _owned(own: Ledger, observed: Observed) -> frozenset[str]:
    """The mount targets that this adoption created, also those whose creation was recorded and whose response was lost."""
    intended = {zone for zone, name in own.created.items() if name == INTENDED}
    lost = {
        target.mount_target_id
        for target in observed.mount_targets
        if target.availability_zone in intended and own.group in target.security_groups
    }
    return frozenset(own.created.values()) | lost


def _refuse_errors(result: CheckResult, own: Ledger, spec: AdoptionSpec, context: RunContext) -> None:
    if not result.findings.errors:
        return
    if spec.digest in own.settled:
        # These properties were in force before: a roll-back, which must not fail because something else has changed.
        logger.warning("going on in spite of %s, because this is what was deployed before", result.findings.count)
        return
    raise AdoptionRefusedError(result.findings.reason(MAX_REASON_BYTES, context.log_name))


def _site(
    request: Request, file_system_id: str, context: RunContext, deadline: PollingDeadline, spec: AdoptionSpec | None
) -> Site:
    now = context.wall_clock()
    book = Book(
        context.efs,
        file_system_id,
        ledger_key(request.stack_id, request.logical_resource_id),
        context.efs.meta.region_name,
        deadline,
        serial=serial_of(request.sent_at, now, context.run_suffix()),
        quiet_seconds=context.quiet_seconds,
    )
    return Site(
        efs=context.efs,
        ec2=context.ec2,
        file_system_id=file_system_id,
        book=book,
        deadline=deadline,
        now=context.wall_clock,
        security_group_ids=spec.security_group_ids if spec else (),
        own_group=spec.own_group if spec else False,
        ip_address_type=spec.ip_address_type if spec else "IPV4_ONLY",
    )
