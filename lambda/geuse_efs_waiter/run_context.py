"""What a run has at hand: the clients of AWS, its clocks, and its deadline."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from geuse_efs_waiter.aws.clients import EC2Client, EFSClient, ec2_client
from geuse_efs_waiter.aws.polling import Clock, SystemClock
from geuse_efs_waiter.limits import QUIET_SECONDS


def _two_random_characters() -> str:
    return secrets.token_hex(1)


@dataclass(frozen=True, slots=True)
class RunContext:
    """AWS and time of one run.

    Attributes:
        efs: a boto3 EFS client.
        stack_id: the stack of the function; requests of others are refused.
        ec2: gives the run's boto3 EC2 client, which costs time and memory: made where it is first needed, once per run.
        clock: monotonic seconds.
        wall_clock: seconds since the epoch.
        log_name: where the log of this run is, for people.
        quiet_seconds: how long reads of EFS and EC2 may lag behind what was written.
        local_response_host: where the local AWS takes responses; on AWS there is none.
        run_suffix: tells runs apart whose requests were sent in the same second.
    """

    efs: EFSClient
    stack_id: str
    ec2: Callable[[], EC2Client] = field(default_factory=lambda: cache(ec2_client))
    clock: Clock = field(default_factory=SystemClock)
    wall_clock: Callable[[], float] = time.time
    log_name: str = "the function's log"
    quiet_seconds: float = QUIET_SECONDS
    local_response_host: str | None = None
    run_suffix: Callable[[], str] = _two_random_characters


class ContinueInNextInvocation(Exception):  # noqa: N818 - not an error: it says what comes next
    """Raised when the time of this run is over before the time to wait is."""

    def __init__(self, already_waited: float) -> None:
        super().__init__(f"still waiting after {already_waited:.0f} s")
        self.already_waited = already_waited
