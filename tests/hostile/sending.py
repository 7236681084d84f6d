"""Sends any event through the real handler, and checks what must hold after each."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from geuse_efs_waiter.errors import InvalidRequestError
from tests.faults.scenarios import ACCESS_POINT, CLIENTS, FILE_SYSTEM, OURS, theirs
from tests.lab.clock import EPOCH
from tests.lab.cloudformation import SECRET, event_of, response_url
from tests.lab.lab import Lab
from tests.untraced import untraced

Event = dict[str, Any]
CHANGES = {"TagResource", "UntagResource", "CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"}
URL = response_url(EPOCH)


def settle(world: Lab) -> None:
    """A file system of somebody else's, with a mount target in zone a."""
    theirs(world)


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
    """One event as CloudFormation sends it, whatever the properties are."""
    return {**event_of(kind, {}, EPOCH), "RequestId": "r-1", "ResourceProperties": properties, **more}


def send(world: Lab, given: Any) -> Event | None:
    """Send it. The one answer, None if the event is one that nobody could answer."""
    puts = len(world.address.puts)
    try:
        with untraced():
            _run(world, given)
    except InvalidRequestError as refused:
        assert len(world.address.puts) == puts
        assert SECRET not in str(refused)  # noqa: PT017
        return None
    assert len(world.address.puts) == puts + 1, "not exactly one answer"
    answer = world.address.answers[-1]
    _, _, body = world.address.puts[-1]
    assert len(body) <= 4096
    assert SECRET.encode() not in body
    for trace in ("Traceback", 'File "', ".py", "line "):
        assert trace not in answer["Reason"], answer["Reason"]
    assert {key: answer[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
        key: given[key] for key in ("StackId", "RequestId", "LogicalResourceId")
    }
    return answer


def _run(world: Lab, given: Any) -> None:
    """The event, and the runs that it leads to."""
    world.function.run(copy.deepcopy(given))
    while world.function.queue:
        world.function.run(world.function.queue.pop(0))


def refused_without_a_change(world: Lab, given: Any) -> Event | None:
    """Send what must be refused: nothing is created, changed or deleted, and the reason is the user's to act on."""
    before = json.dumps(sorted(world.aws.tags_now().items())), len(world.aws.called)
    answer = send(world, given)
    called = set(world.aws.called[before[1] :])
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
