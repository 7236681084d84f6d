"""Tags mount targets through their network interfaces: EFS itself cannot tag a mount target.

Source: EC2 user guide, "Requester-managed network interfaces" (tags may be changed). Not verified on AWS, hence a
refusal is a warning and does not fail a deployment whose mount targets work.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from geuse_efs_waiter.aws.clients import EC2Client
from geuse_efs_waiter.aws.polling import Clock, PollingDeadline
from geuse_efs_waiter.aws.retries import call_with_retries
from geuse_efs_waiter.errors import AwsCallError
from geuse_efs_waiter.limits import TAGGING_SECONDS
from geuse_efs_waiter.models import MountTargetResource

logger = logging.getLogger(__name__)


def tag_network_interfaces(
    ec2: Callable[[], EC2Client], targets: Iterable[MountTargetResource], tags: Mapping[str, str], clock: Clock
) -> str:
    """Put the tags on the network interface of each mount target, in one call.

    Args:
        ec2: makes the client, only if there is something to tag.
        targets: the mount targets.
        tags: the tags; a tag that a former deployment set and this one does not stays.
        clock: where time comes from.

    Returns:
        A warning for people, empty if all went well.
    """
    interfaces = [target.network_interface_id for target in targets if target.network_interface_id]
    if not interfaces or not tags:
        return ""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    try:
        client = ec2()
        call_with_retries(
            lambda: client.create_tags(Resources=interfaces, Tags=pairs),  # type: ignore[arg-type]
            PollingDeadline(TAGGING_SECONDS, clock=clock),
            f"tagging the network interfaces {', '.join(interfaces)}",
        )
    except AwsCallError as refused:
        logger.warning("the mount targets are ready but not tagged: %s", refused)
        return f"mount targets not tagged: {refused}"
    return ""
