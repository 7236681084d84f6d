"""Fixtures of the Lambda tests: a fake account, and a custom resource in a fake CloudFormation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

# The handler makes its EFS client when it is imported, as Lambda wants it.
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from tests.fakes.aws import FakeAws
from tests.fakes.cloudformation import AnswerServer, Stack, answer_server


@pytest.fixture
def aws() -> FakeAws:
    """An account with one file system and no mount target."""
    account = FakeAws()
    account.add_file_system()
    return account


@pytest.fixture
def server() -> Iterator[AnswerServer]:
    with answer_server() as running:
        yield running


@pytest.fixture
def stack(aws: FakeAws, server: AnswerServer) -> Stack:
    return Stack(aws, server)


@pytest.fixture
def targets(aws: FakeAws) -> dict[str, str]:
    """Three mount targets, just being created, by zone."""
    return {f"us-east-1{letter}": aws.add_mount_target(f"subnet-0000000{letter}") for letter in "abc"}


@pytest.fixture
def wish(targets: dict[str, str]) -> dict[str, Any]:
    """Properties as CloudFormation sends them for the three mount targets."""
    return {
        "ServiceTimeout": "1440",
        "FileSystemId": "fs-00000001",
        "MountTargets": targets,
        "SecurityGroupIds": ["sg-00000001"],
        "Tags": {"Name": "S/Efs", "geusemaker:created-by": "geuse-efs"},
        "WaitTimeoutSeconds": "300",
        "AllowReplacement": "false",
    }
