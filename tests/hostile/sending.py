"""Sends any event through the real handler, and checks what must hold after each."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from geuse_efs_waiter.errors import InvalidRequestError
from tests.fakes.cloudformation import SECRET, STACK_ID
from tests.faults.lab import ACCESS_POINT, Lab
from tests.faults.scenarios import CLIENTS, FILE_SYSTEM, LOGICAL_ID, OURS, THEIRS

Event = dict[str, Any]
CHANGES = {"TagResource", "UntagResource", "CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"}
URL = f"https://answer.invalid/x?X-Amz-Date=20231114T221320Z&{SECRET}"


def settle(world: Lab) -> None:
    """Two file systems: one of the stack's own with three mount targets, one of somebody else's with one in zone a."""
    world.aws.creation_seconds, world.aws.deletion_seconds = 8, 4
    world.aws.add_file_system(FILE_SYSTEM)
    world.aws.add_mount_target("subnet-0000000a", groups=(THEIRS,), ready_in=0)
    world.aws.admitted[THEIRS] = [CLIENTS]


def own_properties() -> Event:
    """Properties of the create path."""
    return {
        "ServiceToken": "arn:aws:lambda:x",
        "ServiceTimeout": "1440",
        "FileSystemId": FILE_SYSTEM,
        "MountTargets": {"us-east-1a": "fsmt-00000001"},
        "SecurityGroupIds": [OURS],
        "Tags": {"Name": "S/Efs"},
        "WaitTimeoutSeconds": "60",
        "AllowReplacement": "false",
    }


def adoption_properties() -> Event:
    """Properties of an adoption."""
    return {
        "ServiceToken": "arn:aws:lambda:x",
        "ServiceTimeout": "1440",
        "FileSystemId": FILE_SYSTEM,
        "SecurityGroupIds": [OURS],
        "Tags": {"Name": "S/Efs"},
        "WaitTimeoutSeconds": "60",
        "Adopt": {
            "VpcId": "vpc-00000001",
            "Subnets": {"us-east-1a": "subnet-0000000a", "us-east-1b": "subnet-0000000b"},
            "Clients": [CLIENTS],
            "AccessPointIds": [ACCESS_POINT],
            "CreateMissing": "true",
            "RetainCreated": "false",
            "IpAddressType": "IPV4_ONLY",
            "OwnGroup": "true",
            "Severities": {},
            "RoleArn": "arn:aws:iam::123456789012:role/waiter",
        },
    }


def event(kind: str, properties: Any, **more: Any) -> Event:
    """One event as CloudFormation sends it."""
    return {
        "RequestType": kind,
        "RequestId": "r-1",
        "ResponseURL": URL,
        "StackId": STACK_ID,
        "LogicalResourceId": LOGICAL_ID,
        "ResourceType": "Custom::GeuseEfsMountTargets",
        "ResourceProperties": properties,
        **more,
    }


def send(world: Lab, given: Any) -> Event | None:
    """Send it. The one answer, None if the event is one that nobody could answer."""
    puts = len(world.server.puts)
    handed_on: list[Event] = []
    world.stack.overrun = 0
    try:
        _run(world, copy.deepcopy(given), handed_on)
    except InvalidRequestError as refused:
        assert len(world.server.puts) == puts
        assert SECRET not in str(refused)  # noqa: PT017
        return None
    while handed_on:
        _run(world, handed_on.pop(0), handed_on)
    assert len(world.server.puts) == puts + 1, "not exactly one answer"
    answer = world.server.answers[-1]
    _, _, body = world.server.puts[-1]
    assert len(body) <= 4096
    assert SECRET.encode() not in body
    for trace in ("Traceback", 'File "', ".py", "line "):
        assert trace not in answer["Reason"], answer["Reason"]
    assert {key: answer[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
        key: given[key] for key in ("StackId", "RequestId", "LogicalResourceId")
    }
    return answer


def _run(world: Lab, given: Any, handed_on: list[Event]) -> None:
    world.stack._run(given, handed_on)


def refused_without_a_change(world: Lab, given: Any) -> Event | None:
    """Send what must be refused: nothing is created, changed or deleted, and the reason is the user's to act on."""
    before = json.dumps(sorted(world.aws.tags_now().items())), len(world.aws.calls)
    answer = send(world, given)
    called = {operation for _, operation, _ in world.aws.calls[before[1] :]}
    assert not called & CHANGES, called & CHANGES
    assert json.dumps(sorted(world.aws.tags_now().items())) == before[0]
    if answer is not None:
        assert answer["Status"] == "FAILED"
        assert "unexpected" not in answer["Reason"], answer["Reason"]
    return answer


def no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """The ResponseURL is a secret, in logs too."""
    assert SECRET not in caplog.text
    assert "answer.invalid" not in caplog.text
