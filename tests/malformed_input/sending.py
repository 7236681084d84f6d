"""Sends any event through the real handler, and checks what must hold after each."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from geuse_efs_waiter.errors import InvalidRequestError
from tests.fault_injection.adopting import CLIENTS, OURS, adoption, theirs
from tests.fault_injection.scenario import FILE_SYSTEM
from tests.simulator.clock import EPOCH
from tests.simulator.cloudformation import SECRET, event_of, response_url
from tests.simulator.simulation import Simulation

Event = dict[str, Any]
CHANGES = {
    *("TagResource", "UntagResource", "CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups"),
    "CreateTags",
}
# Errors about these name them in the words of people.
IN_WORDS = {"Clients": "client", "FileSystemId": "file system"}
URL = response_url(EPOCH)
PHYSICAL_ID = f"geuse-efs:{FILE_SYSTEM}"


def settle(world: Simulation) -> None:
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
        "Tags": [{"key": "Name", "value": "S/Efs"}],
        "WaitTimeoutSeconds": "60",
        "AllowReplacement": "false",
    }


def adoption_properties() -> Event:
    """Properties of an adoption."""
    return {"ServiceToken": "arn:aws:lambda:x", **adoption("ab", 60, Clients=[CLIENTS])}


def event(kind: str, properties: Any, **more: Any) -> Event:
    """One event as CloudFormation sends it, whatever the properties are."""
    return {**event_of(kind, {}, EPOCH), "RequestId": "r-1", "ResourceProperties": properties, **more}


def send(world: Simulation, given: Any) -> Event | None:
    """Send it. The one answer, None if the event is one that nobody could answer."""
    puts = len(world.address.puts)
    try:
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
    told = answer["Reason"] + answer["Data"].get("Warnings", "")
    for trace in ("Traceback", 'File "', ".py", "line ", "unexpected"):
        assert trace not in told, told
    assert {key: answer[key] for key in ("StackId", "RequestId", "LogicalResourceId")} == {
        key: given[key] for key in ("StackId", "RequestId", "LogicalResourceId")
    }
    return answer


def _run(world: Simulation, given: Any) -> None:
    """The event, and the runs that it leads to."""
    world.function.run(copy.deepcopy(given))
    while world.function.queue:
        world.function.run(world.function.queue.pop(0))


def changed(properties: Event, place: str, value: Any) -> Event:
    """The properties with another value at that place."""
    where: Any = properties
    *way, last = place.split(".")
    for step in way:
        where = where[int(step) if isinstance(where, list) else step]
    where[int(last) if isinstance(where, list) else last] = value
    return properties


def succeed(world: Simulation, given: Event) -> Event:
    """Send what must succeed."""
    answer = send(world, given)
    assert answer is not None
    assert answer["Status"] == "SUCCESS", answer["Reason"]
    return answer


def refused(world: Simulation, given: Event, place: str, said: str = "") -> Event:
    """Send what must be refused, by the name of the place, with nothing created, changed or deleted.

    A step of the place that is a number has no name, and that a property is one of ``Adopt`` says nothing of which.
    """
    before = json.dumps(sorted(world.aws.tags_now().items())), len(world.aws.called)
    answer = send(world, given)
    called = set(world.aws.called[before[1] :])
    assert not called & CHANGES, called & CHANGES
    assert json.dumps(sorted(world.aws.tags_now().items())) == before[0]
    assert answer is not None
    assert answer["Status"] == "FAILED", f"silently accepted at {place}"
    for name in [one for one in place.split(".") if not one.isdigit() and one != "Adopt"] or ["Adopt"]:
        assert name in answer["Reason"] or IN_WORDS.get(name, name) in answer["Reason"], answer["Reason"]
    # Where there is no room for what was expected, the log has it.
    usual = ("expected", "is unknown", "the full list is in", "[cut]")
    assert any(words in answer["Reason"] for words in ((said,) if said else usual)), answer["Reason"]
    return answer


def present(world: Simulation) -> set[str]:
    """The zones that have a mount target."""
    return {zone for zone in "abcdef" if world.aws.targets_now(f"us-east-1{zone}")}


def no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """The ResponseURL is a secret, in logs too."""
    assert SECRET not in caplog.text
    assert "answer.invalid" not in caplog.text
