"""Waits for mount targets. The two functions that GeuseMaker calls are here."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from geuse_efs_waiter.aws import clients
from geuse_efs_waiter.aws.clients import EC2Client, EFSClient
from geuse_efs_waiter.aws.describe import describe_file_system, describe_mount_targets, describe_security_groups_of
from geuse_efs_waiter.aws.polling import Clock, Patience
from geuse_efs_waiter.aws.retries import Fault, code_of, explain, is_transient, persist
from geuse_efs_waiter.models import EFSResource
from geuse_efs_waiter.readiness import Readiness, judge

logger = logging.getLogger(__name__)

READ_SECONDS = 60
"""How long a plain read goes on in spite of transient errors."""


def wait_for_mount_targets(
    file_system_id: str, timeout: float = 300, *, efs: EFSClient | None = None, clock: Clock | None = None
) -> bool:
    """Wait until every mount target of the file system is available.

    ``available`` does not promise that a client's DNS knows the name yet; mount with retries.

    Args:
        file_system_id: the id or the ARN of the file system.
        timeout: seconds to wait at most; 0 looks once.
        efs: a boto3 EFS client; default is one for the region and account of the surroundings.
        clock: where time comes from; default is the machine.

    Returns:
        True when there is at least one mount target and all are available, False when the time is over first.

    Raises:
        FileSystemNotFoundError: if there is no such file system in this region and account.
        MountTargetFailedError: if a mount target is in a state that never becomes available.
        AwsCallError: if AWS refuses the call for good.
    """
    return watch(efs or clients.efs_client(), file_system_id, {}, Patience(timeout, clock=clock)).ready


def watch(efs: EFSClient, file_system_id: str, expected: Mapping[str, str], patience: Patience) -> Readiness:
    """Look at once, then again after each pause, until the mount targets are ready or the time is over.

    One round is one ``DescribeMountTargets`` by file system, however many mount targets there are.

    Args:
        efs: a boto3 EFS client.
        file_system_id: the file system.
        expected: the AZ of each mount target id that must be available; empty means all that are listed.
        patience: how long to go on.

    Returns:
        The last judgement: ready, or what was still missing when the time was over.

    Raises:
        MountTargetFailedError, FileSystemNotFoundError, AwsCallError: as in `wait_for_mount_targets`.
    """
    readiness = Readiness()
    while True:
        strained = False
        try:
            readiness = judge(describe_mount_targets(efs, file_system_id), expected)
        except Fault as error:
            if not is_transient(error, spent=patience.spent):
                raise explain(error, f"describing the mount targets of file system {file_system_id}") from error
            strained = True
            readiness = Readiness(missing=(f"EFS answered {code_of(error)} at the last look",))
        if readiness.ready:
            logger.info("mount targets of %s are ready after %.1f s", file_system_id, patience.spent)
            return readiness
        logger.info("%.1f s: waiting for %s: %s", patience.spent, file_system_id, "; ".join(readiness.missing))
        if not patience.pause(strained=strained):
            return readiness


def get_file_system(
    file_system_id: str, *, efs: EFSClient | None = None, ec2: EC2Client | None = None, clock: Clock | None = None
) -> EFSResource:
    """The file system with its mount targets and their security groups, as they are now.

    Args:
        file_system_id: the id or the ARN of the file system.
        efs, ec2: boto3 clients; default is one for the region and account of the surroundings.
        clock: where time comes from; default is the machine. Transient errors are retried for 60 seconds.

    Raises:
        FileSystemNotFoundError: if there is no such file system in this region and account.
        AwsCallError: if AWS refuses a call for good.
    """
    efs, patience = efs or clients.efs_client(), Patience(READ_SECONDS, clock=clock)
    file_system = persist(
        lambda: describe_file_system(efs, file_system_id), patience, f"describing file system {file_system_id}"
    )
    targets = persist(
        lambda: describe_mount_targets(efs, file_system_id),
        patience,
        f"describing the mount targets of file system {file_system_id}",
    )
    interfaces = [target.network_interface_id for target in targets if target.network_interface_id]
    if not interfaces:
        return file_system.with_mount_targets(targets)
    network = ec2 or clients.ec2_client()
    groups = persist(
        lambda: describe_security_groups_of(network, interfaces), patience, "describing the network interfaces"
    )
    return file_system.with_mount_targets(
        target.with_security_groups(groups.get(target.network_interface_id or "", ())) for target in targets
    )
