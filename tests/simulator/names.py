"""Names that are there from the beginning, and ARNs."""

from __future__ import annotations

REGION, ACCOUNT = "us-east-1", "123456789012"
VPC, DEFAULT_GROUP = "vpc-00000001", "sg-00000000"
FILE_SYSTEM = "fs-00000001"
FUNCTION, LOG_GROUP, LOG_STREAM = "waiter", "/aws/lambda/waiter", "2026/01/01/[$LATEST]0"


def arn(service: str, resource: str) -> str:
    """The ARN of something in this account and region."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
