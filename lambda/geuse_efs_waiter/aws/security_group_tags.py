"""Tags of security groups: set and removed, and what it means that the group does not exist."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from geuse_efs_waiter.aws.clients import EC2Client
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import AwsError, call_with_retries, to_error

logger = logging.getLogger(__name__)


def tag_security_group(ec2: EC2Client, group_id: str, tags: Mapping[str, str], deadline: PollingDeadline) -> None:
    """Set tags of a security group.

    Raises:
        SecurityGroupNotFoundError: if it does not exist.
        AwsCallError: if AWS refuses the call permanently, or the time is over.
    """
    pairs: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
    call_with_retries(
        lambda: ec2.create_tags(Resources=[group_id], Tags=pairs), deadline, f"tagging security group {group_id}"
    )


def untag_security_group(ec2: EC2Client, group_id: str, keys: Iterable[str]) -> None:
    """Remove tags of a security group that are of no use any more: one attempt, and only a line in the log if it fails.

    Without keys there is no call.
    """
    named: Any = [{"Key": key} for key in keys]
    if named:
        try:
            ec2.delete_tags(Resources=[group_id], Tags=named)
        except AwsError as error:
            logger.warning("%s", to_error(error, f"removing old notes of security group {group_id}"))
