"""Brings about what one request of CloudFormation asks for, on a created or on an adopted file system."""

from __future__ import annotations

import logging
from functools import partial

from geuse_efs_waiter.aws.describe import describe_file_system
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.cloudformation.properties import ADOPT_KEY
from geuse_efs_waiter.cloudformation.request import Request, physical_id
from geuse_efs_waiter.cloudformation.response import Response, attributes
from geuse_efs_waiter.created_spec import CreatedSpec, DeletedSpec, check_zone
from geuse_efs_waiter.errors import InvalidRequestError, NotReadyError
from geuse_efs_waiter.limits import READ_SECONDS
from geuse_efs_waiter.readiness import Readiness
from geuse_efs_waiter.run_context import ContinueInNextInvocation, RunContext
from geuse_efs_waiter.waiting import poll_until_ready

logger = logging.getLogger(__name__)


def reconcile(request: Request, context: RunContext, time_left: float) -> Response:
    """Do what the request asks for.

    Args:
        request: the request.
        context: AWS and time.
        time_left: seconds that this run has for it.

    Returns:
        The successful response.

    Raises:
        WaiterError: the failure, explained.
        SupersededError: if a later request is at work and responds.
        ContinueInNextInvocation: if another invocation must continue.
    """
    if request.request_type not in ("Create", "Update", "Delete"):
        raise InvalidRequestError(f"RequestType is {request.request_type!r:.50}, expected Create, Update or Delete")
    if request.request_type != "Delete":
        request.check()
    if ADOPT_KEY in request.properties:
        # Imported here and below: what is not needed for every request must not delay the start of the function.
        from geuse_efs_waiter.adoption.reconciler import reconcile_adoption  # noqa: PLC0415

        return reconcile_adoption(request, context, time_left)
    if request.request_type == "Delete":
        _check_deletion(request, DeletedSpec.parse(request.properties), context)
        return Response(request.kept_physical_id)
    return _reconcile_created(request, CreatedSpec.parse(request.properties), context, time_left)


def _check_deletion(request: Request, deleted: DeletedSpec, context: RunContext) -> None:
    """CloudFormation deletes the mount targets of a created file system itself, once this has succeeded.

    What no create has answered for, nobody can have adopted.
    """
    if deleted.file_system_id and not deleted.allow_deletion and not request.has_invented_id:
        from geuse_efs_waiter.deletion_guard import guard_deletion  # noqa: PLC0415

        guard_deletion(context, deleted.file_system_id, going=deleted.mount_target_ids, staying=())


def _check_dropped_zones(request: Request, desired: CreatedSpec, context: RunContext) -> None:
    """After this update CloudFormation deletes mount targets that are not defined any more."""
    before, after = DeletedSpec.parse(request.old_properties), frozenset(desired.mount_target_ids.values())
    dropped = before.mount_target_ids - after
    if dropped and before.file_system_id and not desired.allow_deletion:
        from geuse_efs_waiter.deletion_guard import guard_deletion  # noqa: PLC0415

        guard_deletion(context, before.file_system_id, going=dropped, staying=after)


def _reconcile_created(request: Request, desired: CreatedSpec, context: RunContext, time_left: float) -> Response:
    from geuse_efs_waiter.aws.network_interface_tags import tag_network_interfaces  # noqa: PLC0415
    from geuse_efs_waiter.replacement_guard import guard_replacement  # noqa: PLC0415

    guard_replacement(request, desired, partial(_creation_time, context))
    _check_dropped_zones(request, desired, context)
    readiness = _wait(desired, context, request.already_waited, time_left)
    targets = {target.mount_target_id: target for target in readiness.mount_targets}
    by_zone = {zone: targets[target_id] for zone, target_id in desired.mount_target_ids.items()}
    for zone, target in by_zone.items():
        check_zone(zone, target.availability_zone, target.subnet_id, context.efs.meta.region_name)
    warning = tag_network_interfaces(context.ec2, readiness.mount_targets, desired.tags, context.clock)
    return Response(physical_id(desired.file_system_id), attributes(desired.file_system_id, by_zone, warning))


def _creation_time(context: RunContext, file_system_id: str) -> float:
    file_system = call_with_retries(
        lambda: describe_file_system(context.efs, file_system_id),
        PollingDeadline(READ_SECONDS, clock=context.clock),
        f"describing file system {file_system_id}",
    )
    return file_system.creation_time


def _wait(desired: CreatedSpec, context: RunContext, already_waited: float, time_left: float) -> Readiness:
    wait_left = max(0.0, desired.wait_timeout - already_waited)
    deadline = PollingDeadline(min(wait_left, time_left), already_waited=already_waited, clock=context.clock)
    expected = {target_id: zone for zone, target_id in desired.mount_target_ids.items()}
    readiness = poll_until_ready(context.efs, desired.file_system_id, expected, deadline)
    if readiness.ready:
        return readiness
    if time_left < wait_left:
        raise ContinueInNextInvocation(deadline.elapsed)
    raise NotReadyError(
        f"file system {desired.file_system_id} is not ready after {deadline.elapsed:.0f} s: "
        f"{'; '.join(readiness.missing)}; expected every mount target to be available. This takes 1 to 2 minutes as a "
        "rule, sometimes more than 10: deploy again with a longer wait_timeout (at most 40 minutes)"
    )
