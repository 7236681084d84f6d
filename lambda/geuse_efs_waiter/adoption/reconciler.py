"""Brings about what a request of an adoption asks for: observe, evaluate, apply; or release."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec, ReleaseSpec
from geuse_efs_waiter.adoption.checks.adoptions import ownership_of
from geuse_efs_waiter.adoption.checks.evaluate import CheckResult, evaluate
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.ownership.apply import OwnershipRun
from geuse_efs_waiter.adoption.ownership.notes import serial_of
from geuse_efs_waiter.adoption.ownership.plan import Desired, serving
from geuse_efs_waiter.aws.network_interface_tags import tag_network_interfaces
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID
from geuse_efs_waiter.cloudformation.request import Request, physical_id
from geuse_efs_waiter.cloudformation.response import Response, attributes
from geuse_efs_waiter.created_spec import check_zone
from geuse_efs_waiter.errors import (
    AdoptionRefusedError,
    FileSystemNotFoundError,
    SecurityGroupNotFoundError,
    WaiterError,
)
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
    """Check the file system, then create what it lacks and delete what is not wanted any more.

    Raises:
        AdoptionRefusedError: with every finding, before anything is changed.
        WaiterError: as in `OwnershipRun.apply`.
    """
    region = context.efs.meta.region_name
    observed = observe(context.efs, context.ec2(), spec, deadline, region, account=request.account)
    result = evaluate(spec, observed)
    for line in result.findings.table():
        logger.info("%s", line)
    roll_back = spec.digest in ownership_of(spec, observed).settled
    _refuse_errors(result, context, roll_back=roll_back)
    subnets = {key: observed.subnets[spec.subnets[key]] for key in (*result.covered_by, *result.to_create)}
    for key, subnet in subnets.items():
        check_zone(key, subnet.availability_zone, subnet.subnet_id, region)
    desired = Desired(
        spec.file_system_id,
        subnets={subnet.availability_zone: subnet.subnet_id for subnet in subnets.values()},
        given=frozenset(spec.security_group_ids),
        create_missing=spec.create_missing,
        ip_address_type=spec.ip_address_type,
        retain=spec.retain_created,
        allow_deletion=spec.allow_deletion,
        roll_back=roll_back,
    )
    now = OwnershipRun(
        context,
        spec.own_group or "",
        deadline,
        _serial(request, context),
        desired,
        digest=spec.digest,
        first=request.request_type == "Create" and not request.already_waited,
    ).apply()
    by_zone: dict[str, MountTargetResource | None] = dict.fromkeys(spec.subnets)
    by_zone |= {key: serving(now, subnet.availability_zone) for key, subnet in subnets.items()}
    owned = [target for target in by_zone.values() if target and now.owns(target, desired.given)]
    untagged = tag_network_interfaces(context.ec2, owned, spec.tags, context.clock)
    warning = " ".join(filter(None, (result.findings.warning(MAX_WARNING_CHARACTERS, context.log_name), untagged)))
    return Response(request.id_after(spec.file_system_id), attributes(spec.file_system_id, by_zone, warning))


def _release(request: Request, release: ReleaseSpec, context: RunContext, deadline: PollingDeadline) -> Response:
    """Give up what the adoption created."""
    if release.file_system_id is None or release.own_group is None:
        logger.info("no file system or no security group is named, so nothing can have been created")
        return Response(request.kept_physical_id)
    desired = Desired(
        release.file_system_id,
        ends=True,
        given=release.given_groups,
        # CloudFormation takes a create that it never heard of for failed, and deletes the group.
        retain=release.retain_created and not request.has_invented_id,
        allow_deletion=release.allow_deletion,
    )
    serial, unanswered = _serial(request, context), request.has_invented_id
    run = OwnershipRun(context, release.own_group, deadline, serial, desired, unanswered=unanswered)
    try:
        run.apply()
    except (FileSystemNotFoundError, SecurityGroupNotFoundError) as gone:
        logger.info("nothing to release: %s", gone)
    return Response(request.kept_physical_id)


def _serial(request: Request, context: RunContext) -> str:
    return serial_of(request.sent_at, context.wall_clock(), context.run_suffix())


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


def _refuse_errors(result: CheckResult, context: RunContext, *, roll_back: bool) -> None:
    if not result.findings.errors:
        return
    if roll_back:
        # These properties were in force before: a roll-back must not fail because something else has changed.
        logger.warning("going on in spite of %s, because this is what was deployed before", result.findings.count)
        return
    raise AdoptionRefusedError(result.findings.reason(MAX_REASON_BYTES, context.log_name))
