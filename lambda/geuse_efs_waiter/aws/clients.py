"""The clients of AWS, and how each call of theirs is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from botocore import session
from botocore.config import Config
from botocore.exceptions import NoRegionError

from geuse_efs_waiter.errors import RegionMissingError

if TYPE_CHECKING:
    import mypy_boto3_ec2
    import mypy_boto3_efs

# Names of types that are not installed in Lambda.
EC2Client: TypeAlias = "mypy_boto3_ec2.EC2Client"
EFSClient: TypeAlias = "mypy_boto3_efs.EFSClient"

# One attempt per call: repeating is the business of `PollingDeadline` alone, which knows the deadline. Stated, because the
# default differs between versions of botocore.
CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=15,
    user_agent_extra="geuse-efs",
)


def client(service: str) -> Any:
    """A client for the region and account of the environment.

    Made by botocore, the part of boto3 that makes its clients too: the rest of boto3 costs a sixth of the function's start.

    Raises:
        RegionMissingError: if neither the environment nor the profile names a region.
    """
    try:
        return session.get_session().create_client(service, config=CONFIG)
    except NoRegionError as missing:
        # Lambda sets AWS_REGION and AWS_DEFAULT_REGION; botocore reads the second only.
        raise RegionMissingError(
            f"no region is known for the {service} client: set AWS_DEFAULT_REGION or the region of the profile, or give a "
            f"client: boto3.client({service!r}, region_name=...)"
        ) from missing


def efs_client() -> EFSClient:
    """An EFS client for the region and account of the environment."""
    made: EFSClient = client("efs")
    return made


def ec2_client() -> EC2Client:
    """An EC2 client. It costs about 100 ms and 22 MiB, so make one only where it is needed."""
    made: EC2Client = client("ec2")
    return made
