"""Waits for mount targets. The two functions that GeuseMaker calls are here."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from geuse_efs_waiter.aws import clients
from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.describe import describe_file_system, describe_groups_of, describe_mount_targets
from geuse_efs_waiter.aws.polling import Clock, PollingDeadline
from geuse_efs_waiter.aws.retries import AwsError, call_with_retries, code_of, is_transient, to_error
from geuse_efs_waiter.cloudformation.properties import FILE_SYSTEM_ID
from geuse_efs_waiter.limits import READ_SECONDS
from geuse_efs_waiter.models import EFSResource
from geuse_efs_waiter.readiness import Readiness, classify

logger = logging.getLogger(__name__)


def wait_for_mount_targets(
    file_system_id: str, timeout: float = 300, *, efs: EFSClient | None = None, clock: Clock | None = None
) -> bool:
    """Wait until every mount target of the file system is available.

    ``available`` does not promise that a client's DNS knows the name yet; mount with retries. `wait_for_readiness` does the
    same and says why not.

    Args:
        file_system_id: the id or the ARN of the file system.
        timeout: seconds to wait at most; 0 asks once.
        efs: a boto3 EFS client; default: one for the region and account of the environment.
        clock: where time comes from; default: the machine.

    Returns:
        True when there is at least one mount target and all are available, False when the time is over first.

    Raises:
        ValueError: if an argument is no file system id or ARN, or no number of seconds.
        FileSystemNotFoundError: if there is no such file system in this region and account.
        MountTargetFailedError: if a mount target is in a state that never becomes available.
        RegionMissingError: if no client is given and no region is known.
        AwsCallError: if AWS refuses the call permanently.
    """
    return wait_for_readiness(file_system_id, timeout, efs=efs, clock=clock).ready


def wait_for_readiness(
    file_system_id: str, timeout: float = 300, *, efs: EFSClient | None = None, clock: Clock | None = None
) -> Readiness:
    """As `wait_for_mount_targets`, with what is missing. Arguments and exceptions are the same.

    Returns:
        What the last call said: true when ready; else ``state`` tells "not-ready", "no-mount-targets" and "unreachable"
        apart, and ``missing`` has it in words.
    """
    _check_file_system(file_system_id)
    # Written so that not-a-number is refused too.
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 <= timeout < float("inf"):
        raise ValueError(f"timeout is {timeout!r:.60}; allowed are seconds from 0, for example 300")
    return poll_until_ready(efs or clients.efs_client(), file_system_id, {}, PollingDeadline(timeout, clock=clock))


def _check_file_system(file_system_id: str) -> None:
    pattern = rf"(arn:[^/]+:file-system/)?{FILE_SYSTEM_ID}"
    if not isinstance(file_system_id, str) or not re.fullmatch(pattern, file_system_id):
        raise ValueError(
            f"file_system_id is {file_system_id!r:.120}; allowed is an id (fs-0123456789abcdef0) or the ARN of a file system"
        )


def poll_until_ready(
    efs: EFSClient, file_system_id: str, expected: Mapping[str, str], deadline: PollingDeadline
) -> Readiness:
    """Describe at once, then again after each pause, until the mount targets are ready or the time is over.

    One round is one ``DescribeMountTargets`` by file system, however many mount targets there are.

    Args:
        efs: a boto3 EFS client.
        file_system_id: the file system.
        expected: the AZ of each mount target id that must be available; empty means all that are listed.
        deadline: how long to go on.

    Returns:
        The last classification: ready, or what was still missing when the time was over.

    Raises:
        MountTargetFailedError, FileSystemNotFoundError, AwsCallError: as in `wait_for_mount_targets`.
    """
    readiness = Readiness()
    while True:
        throttled = False
        try:
            readiness = classify(describe_mount_targets(efs, file_system_id), expected)
        except AwsError as error:
            if not is_transient(error, elapsed=deadline.elapsed):
                raise to_error(error, f"describing the mount targets of file system {file_system_id}") from error
            throttled = True
            readiness = Readiness((), (f"EFS answered {code_of(error)} to the last call",), code_of(error))
        if readiness.ready:
            logger.info("mount targets of %s are ready after %.1f s", file_system_id, deadline.elapsed)
            return readiness
        logger.info("%.1f s: waiting for %s: %s", deadline.elapsed, file_system_id, "; ".join(readiness.missing))
        if not deadline.pause(throttled=throttled):
            return readiness


def get_file_system(
    file_system_id: str, *, efs: EFSClient | None = None, ec2: EC2Client | None = None, clock: Clock | None = None
) -> EFSResource:
    """The file system with its mount targets and their security groups, as they are now.

    Args:
        file_system_id: the id or the ARN of the file system.
        efs: a boto3 EFS client; default: one for the region and account of the environment.
        ec2: a boto3 EC2 client; default: the same.
        clock: where time comes from; default: the machine. Transient errors are retried for 60 seconds.

    Raises:
        ValueError: if `file_system_id` is no file system id or ARN.
        FileSystemNotFoundError: if there is no such file system in this region and account.
        RegionMissingError: if no client is given and no region is known.
        AwsCallError: if AWS refuses a call permanently.
    """
    _check_file_system(file_system_id)
    efs, deadline = efs or clients.efs_client(), PollingDeadline(READ_SECONDS, clock=clock)
    file_system = call_with_retries(
        lambda: describe_file_system(efs, file_system_id), deadline, f"describing file system {file_system_id}"
    )
    targets = call_with_retries(
        lambda: describe_mount_targets(efs, file_system_id),
        deadline,
        f"describing the mount targets of file system {file_system_id}",
    )
    if not any(target.network_interface_id for target in targets):
        return file_system.with_mount_targets(targets)
    network = ec2 or clients.ec2_client()
    groups = call_with_retries(
        lambda: describe_groups_of(network, targets), deadline, "describing the network interfaces"
    )
    return file_system.with_mount_targets(
        target.with_security_groups(groups.get(target.mount_target_id, ())) for target in targets
    )
