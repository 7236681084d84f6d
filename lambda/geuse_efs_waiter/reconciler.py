"""Brings about what one request of CloudFormation asks for."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from geuse_efs_waiter.aws.clients import EC2Client, EFSClient, ec2_client
from geuse_efs_waiter.aws.describe import describe_file_system
from geuse_efs_waiter.aws.polling import Clock, Patience, SystemClock
from geuse_efs_waiter.aws.retries import persist
from geuse_efs_waiter.cloudformation.properties import ADOPT_KEY, LONGEST_WAIT, Wanted, check_zone
from geuse_efs_waiter.cloudformation.request import Request, physical_id
from geuse_efs_waiter.cloudformation.response import Answer, attributes
from geuse_efs_waiter.errors import InvalidRequestError, NotReadyError, WaiterError
from geuse_efs_waiter.readiness import Readiness
from geuse_efs_waiter.waiting import READ_SECONDS, watch

logger = logging.getLogger(__name__)

QUIET_SECONDS = 5.0
"""How long answers of EFS are taken to lag behind what was written. EFS documents no figure; not verified on AWS."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run has at hand: AWS, time, and what to assume of AWS."""

    efs: EFSClient
    ec2: Callable[[], EC2Client] = ec2_client
    clock: Clock = field(default_factory=SystemClock)
    wall_clock: Callable[[], float] = time.time
    log_name: str = "the function's log"
    quiet_seconds: float = QUIET_SECONDS


class UnfinishedError(Exception):
    """Raised when this run's time is over before the time to wait is: another run goes on."""

    def __init__(self, waited: float) -> None:
        super().__init__(f"still waiting after {waited:.0f} s")
        self.waited = waited


def reconcile(request: Request, around: Surroundings, budget: float) -> Answer:
    """Do what the request asks for.

    Args:
        request: the request.
        around: AWS and time.
        budget: seconds that this run has for it.

    Returns:
        The successful answer.

    Raises:
        WaiterError: the failure, explained.
        SupersededError: if a later request is at work and answers.
        UnfinishedError: if another run must go on.
    """
    if request.request_type not in ("Create", "Update", "Delete"):
        raise InvalidRequestError(f"RequestType is {request.request_type!r:.50}, expected Create, Update or Delete")
    if request.request_type != "Delete":
        request.check()
    if ADOPT_KEY in request.properties:
        return _adoption(request, around, budget)
    if request.request_type == "Delete":
        # CloudFormation owns the mount targets of a new file system and deletes them itself; nothing is ours. The
        # properties are not even read: a delete must succeed for whatever a failed create has left.
        return Answer(request.kept_physical_id)
    wanted = Wanted.parse(request.properties)
    # Imported here and below: what is not needed for every request must not delay the start of the function.
    from geuse_efs_waiter.aws.network_interface_tags import tag_network_interfaces  # noqa: PLC0415
    from geuse_efs_waiter.replacement_guard import guard_replacement  # noqa: PLC0415

    guard_replacement(request, wanted, lambda: _age(wanted.file_system_id, around))
    readiness = _wait(wanted, around, request.waited, budget)
    seen = {target.mount_target_id: target for target in readiness.mount_targets}
    by_zone = {zone: seen[name] for zone, name in wanted.mount_target_ids.items()}
    for zone, target in by_zone.items():
        check_zone(zone, target.availability_zone, target.subnet_id, around.efs.meta.region_name)
    warning = tag_network_interfaces(around.ec2, readiness.mount_targets, wanted.tags, around.clock)
    return Answer(physical_id(wanted.file_system_id), attributes(wanted.file_system_id, by_zone, warning))


def _adoption(request: Request, around: Surroundings, budget: float) -> Answer:
    from geuse_efs_waiter.adoption.adoption_spec import Terms  # noqa: PLC0415
    from geuse_efs_waiter.adoption.reconciler import adopt, leave_stray, move_out  # noqa: PLC0415

    terms = None if request.request_type == "Delete" else Terms.parse(request.properties)
    begun = around.clock.now()
    if terms:
        leave_stray(request, terms.wish.file_system_id, around)
    budget -= around.clock.now() - begun
    left = max(0.0, (terms.wait_timeout if terms else _release_seconds(request)) - request.waited)
    patience = Patience(min(left, budget), spent=request.waited, clock=around.clock)
    try:
        return adopt(request, terms, around, patience) if terms else move_out(request, around, patience)
    except WaiterError as error:
        if error.out_of_time and budget < left:
            raise UnfinishedError(patience.spent) from error
        raise


def _release_seconds(request: Request) -> float:
    """How long a delete may take: CloudFormation hears no answer that comes after its ServiceTimeout."""
    given = str(request.properties.get("ServiceTimeout"))
    return min(LONGEST_WAIT, max(60, int(given) - 240)) if re.fullmatch("[0-9]{1,4}", given) else LONGEST_WAIT


def _age(file_system_id: str, around: Surroundings) -> float:
    file_system = persist(
        lambda: describe_file_system(around.efs, file_system_id),
        Patience(READ_SECONDS, clock=around.clock),
        f"describing file system {file_system_id}",
    )
    return around.wall_clock() - file_system.creation_time


def _wait(wanted: Wanted, around: Surroundings, waited: float, budget: float) -> Readiness:
    left = max(0.0, wanted.wait_timeout - waited)
    patience = Patience(min(left, budget), spent=waited, clock=around.clock)
    expected = {name: zone for zone, name in wanted.mount_target_ids.items()}
    readiness = watch(around.efs, wanted.file_system_id, expected, patience)
    if readiness.ready:
        return readiness
    if budget < left:
        raise UnfinishedError(patience.spent)
    raise NotReadyError(
        f"file system {wanted.file_system_id} is not ready after {patience.spent:.0f} s: "
        f"{'; '.join(readiness.missing)}; expected every mount target to be available. This takes 1 to 2 minutes as a "
        "rule, sometimes more than 10: deploy again with a longer wait_timeout (at most 40 minutes)"
    )
