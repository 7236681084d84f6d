"""The engineer's own way into AWS: the usual chain of credentials, and ``AWS_ENDPOINT_URL``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from geuse_efs_waiter.aws.clients import CONFIG
from geuse_efs_waiter.errors import InvalidRequestError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_efs import EFSClient


@dataclass(frozen=True)
class Session:
    """Clients of one region, and the account of the credentials."""

    efs: EFSClient
    ec2: EC2Client
    region: str
    account: str


def connect(region: str | None) -> Session:
    """Open a session.

    Args:
        region: the region; None takes that of the environment or the profile.

    Raises:
        InvalidRequestError: if no region is known.
        botocore.exceptions.BotoCoreError: if there are no credentials or no network.
        botocore.exceptions.ClientError: if the credentials are refused.
    """
    session = boto3.Session(region_name=region)
    if not session.region_name:
        raise InvalidRequestError("no region is set: give --region or set AWS_REGION")
    # Asked first, and always allowed: bad credentials are told as such, and not as a missing right.
    account = session.client("sts", config=CONFIG).get_caller_identity()["Account"]
    efs: EFSClient = session.client("efs", config=CONFIG)
    ec2: EC2Client = session.client("ec2", config=CONFIG)
    return Session(efs, ec2, session.region_name, account)
