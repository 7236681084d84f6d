"""Fixtures of the Lambda tests: an account, and a custom resource of a stack in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.account import Account
from tests.simulator.cloudformation import ResponseAddress, Stack
from tests.simulator.simulation import simulate


@pytest.fixture
def aws() -> Account:
    """An account with one file system and no mount target."""
    account = Account()
    account.add_file_system()
    return account


@pytest.fixture
def stack(aws: Account) -> Iterator[Stack]:
    with simulate(aws) as made:
        yield made.stack


@pytest.fixture
def address(stack: Stack) -> ResponseAddress:
    """Where answers are taken."""
    return stack.address


@pytest.fixture
def targets(aws: Account) -> dict[str, str]:
    """Three mount targets, just being created, by zone."""
    return {f"us-east-1{letter}": aws.add_mount_target(f"subnet-0000000{letter}") for letter in "abc"}


@pytest.fixture
def desired(targets: dict[str, str]) -> dict[str, Any]:
    """Properties as CloudFormation sends them for the three mount targets."""
    return {
        "ServiceTimeout": "1440",
        "FileSystemId": "fs-00000001",
        "MountTargets": targets,
        "SecurityGroupIds": ["sg-00000001"],
        "Tags": [{"key": "Name", "value": "S/Efs"}, {"key": "geusemaker:created-by", "value": "geuse-efs"}],
        "WaitTimeoutSeconds": "300",
        "AllowReplacement": "false",
    }
