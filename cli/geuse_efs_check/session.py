"""The engineer's own way into AWS: the usual chain of credentials, and ``AWS_ENDPOINT_URL``."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the name that botocore gives it
    InvalidRegionError,
    NoCredentialsError,
)

from geuse_efs_waiter.adoption.adoption_spec import AdoptionSpec
from geuse_efs_waiter.adoption.checks.observe import observe
from geuse_efs_waiter.adoption.checks.observed import Observed
from geuse_efs_waiter.aws.clients import CONFIG
from geuse_efs_waiter.aws.polling import PollingDeadline
from geuse_efs_waiter.aws.retries import code_of
from geuse_efs_waiter.errors import AwsCallError, RegionMissingError, WaiterError
from geuse_efs_waiter.limits import IAM_PROPAGATION_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_efs import EFSClient

OBSERVE_SECONDS = 20
"""How long transient errors are retried: a person is waiting."""
# What a region answers that is not enabled for the account (IAM user guide, "Managing AWS STS in an AWS Region").
_UNKNOWN_CREDENTIALS = frozenset({"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"})


class NoAccessError(WaiterError):
    """Raised when AWS cannot be reached, or refuses the credentials."""


@dataclass(frozen=True)
class Session:
    """Clients of one region, and the account of the credentials."""

    efs: EFSClient
    ec2: EC2Client
    region: str
    account: str

    def observe(self, desired: AdoptionSpec) -> Observed:
        """Read everything that the checks need, once.

        Raises:
            NoAccessError: if the region cannot be reached.
            AwsCallError: if what must be read cannot be.
        """
        # The engineer's permissions are not new: a refusal is final at once.
        deadline = PollingDeadline(OBSERVE_SECONDS, already_waited=IAM_PROPAGATION_SECONDS)
        try:
            return observe(self.efs, self.ec2, desired, deadline, self.region, account=self.account)
        except AwsCallError as failed:
            if isinstance(failed.__cause__, ConnectionError):
                raise NoAccessError(_unreachable(self.region, failed.__cause__)) from failed
            raise


def connect(region: str | None, profile: str | None = None, on_call: Callable[[str], None] | None = None) -> Session:
    """Open a session.

    Args:
        region: the region; None takes that of the environment or the profile.
        profile: the profile; None takes that of the environment.
        on_call: called with the name of each operation before it is called.

    Raises:
        RegionMissingError: if no region is known.
        NoAccessError: if there are no credentials or no network, or if the credentials are refused.
    """
    try:
        session = boto3.Session(region_name=region, profile_name=profile)
        region = session.region_name
        if not region:
            raise RegionMissingError(
                "no region is known: give --region, or set AWS_DEFAULT_REGION (boto3 does not read AWS_REGION)"
            )
        if on_call:
            session.events.register("before-call", lambda model, **_: on_call(model.name))
        # First, and always allowed: wrong credentials are reported as such, and not as a missing permission.
        account = session.client("sts", config=CONFIG).get_caller_identity()["Account"]
        efs: EFSClient = session.client("efs", config=CONFIG)
        ec2: EC2Client = session.client("ec2", config=CONFIG)
    except (BotoCoreError, ClientError) as failed:
        raise NoAccessError(_explained(failed, region or "")) from failed
    return Session(efs, ec2, region, account)


def _explained(failed: Exception, region: str) -> str:
    if isinstance(failed, (ConnectionError, InvalidRegionError)):
        return _unreachable(region, failed)
    if isinstance(failed, NoCredentialsError):
        return f"{failed}: give --profile, set AWS_PROFILE, or log in"
    if isinstance(failed, ClientError):
        enable = " or enable the region for the account" if code_of(failed) in _UNKNOWN_CREDENTIALS else ""
        said = f"{code_of(failed)}, {failed.response.get('Error', {}).get('Message', '').rstrip('.')}"
        return f"AWS refuses the credentials in region {region}: {said}; renew them{enable}"
    return f"AWS cannot be used: {failed}"


def _unreachable(region: str, failed: Exception) -> str:
    known = _known_regions()
    if region in known:
        return f"region {region} cannot be reached: {failed}; check the network, the proxy and AWS_ENDPOINT_URL"
    near = difflib.get_close_matches(region, known)
    hint = f"near it are {', '.join(near)}" if near else "names are like us-east-1"
    return f"region {region!r:.60} cannot be reached, and boto3 knows none of that name; {hint} ({failed})"


def _known_regions() -> list[str]:
    session: Any = boto3.Session(region_name="us-east-1")
    return [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("efs", partition)
    ]
