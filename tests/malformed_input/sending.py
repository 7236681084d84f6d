"""Sends any event through the real handler, and checks what must hold after each."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from geuse_efs_waiter.errors import InvalidRequestError
from tests.fault_injection.adopting import CLIENTS, GIVEN, OURS, adoption, theirs
from tests.fault_injection.scenario import FILE_SYSTEM, PHYSICAL_ID
from tests.simulator.clock import EPOCH
from tests.simulator.cloudformation import SECRET, event_of
from tests.simulator.simulation import Simulation, simulate

Event = dict[str, Any]
CHANGES = {
    *("CreateMountTarget", "DeleteMountTarget", "ModifyMountTargetSecurityGroups", "CreateTags", "DeleteTags"),
}
# Errors about these name them in everyday words.
IN_WORDS = {"Clients": "client", "FileSystemId": "file system"}
IDS = ("StackId", "RequestId", "LogicalResourceId")


@contextmanager
def prepared() -> Iterator[Simulation]:
    """A file system of another owner, with a mount target in zone a."""
    with simulate() as simulation:
        theirs(simulation)
        yield simulation


def created_properties() -> Event:
    """Properties of a file system that the stack has created."""
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


def adopted_properties() -> Event:
    """Properties of an adoption."""
    return {"ServiceToken": "arn:aws:lambda:x", **adoption("ab", 60, given=[GIVEN], Clients=[CLIENTS])}


BOTH = pytest.mark.parametrize("properties", [created_properties, adopted_properties], ids=["created", "adopted"])


def event(kind: str, properties: Any, **more: Any) -> Event:
    """One event as CloudFormation sends it, whatever the properties are; all but a Create have a physical id."""
    given = {} if kind == "Create" else {"PhysicalResourceId": PHYSICAL_ID}
    return {**event_of(kind, {}, EPOCH), "RequestId": "r-1", "ResourceProperties": properties, **given, **more}


def send(simulation: Simulation, given: Any) -> Event | None:
    """Send it. The one response, None if the event lacks what a response needs."""
    before = len(simulation.address.puts)
    try:
        _run(simulation, given)
    except InvalidRequestError as refused:
        assert len(simulation.address.puts) == before
        assert SECRET not in str(refused)  # noqa: PT017
        return None
    assert len(simulation.address.puts) == before + 1, "not exactly one response"
    response = simulation.address.answers[-1]
    _, _, body = simulation.address.puts[-1]
    assert SECRET.encode() not in body
    text = response["Reason"] + response["Data"].get("Warnings", "")
    for trace in ("Traceback", 'File "', ".py", "line ", "unexpected"):
        assert trace not in text, text
    assert {key: response[key] for key in IDS} == {key: given[key] for key in IDS}
    return response


def _run(simulation: Simulation, given: Any) -> None:
    """The event, and the runs that it leads to."""
    simulation.function.run(copy.deepcopy(given))
    while simulation.function.queue:
        simulation.function.run(simulation.function.queue.pop(0))


def changed(properties: Event, place: str, value: Any) -> Event:
    """The properties with another value at that place."""
    where: Any = properties
    *way, last = place.split(".")
    for step in way:
        where = where[int(step) if isinstance(where, list) else step]
    where[int(last) if isinstance(where, list) else last] = value
    return properties


def succeed(simulation: Simulation, given: Event) -> Event:
    """Send what must succeed."""
    response = send(simulation, given)
    assert response is not None
    assert response["Status"] == "SUCCESS", response["Reason"]
    return response


def refused(simulation: Simulation, given: Event, place: str, expected: str = "") -> Event:
    """Send what must be refused, by the name of the place, with nothing created, changed or deleted.

    A step of the place that is a number has no name, and that a property is one of ``Adopt`` says nothing of which.
    """
    tags, calls = simulation.aws.tags_now(), len(simulation.aws.called)
    response = send(simulation, given)
    assert not CHANGES.intersection(simulation.aws.called[calls:])
    assert simulation.aws.tags_now() == tags
    assert response is not None
    assert response["Status"] == "FAILED", f"silently accepted at {place}"
    reason = response["Reason"]
    for name in [step for step in place.split(".") if not step.isdigit() and step != "Adopt"] or ["Adopt"]:
        assert name in reason or IN_WORDS.get(name, name) in reason, reason
    # Where there is no room for what was expected, the log has it.
    usual = ("expected", "is unknown", "the full list is in", "[cut]")
    assert any(words in reason for words in ((expected,) if expected else usual)), reason
    return response


def zones_with_mount_targets(simulation: Simulation) -> set[str]:
    """The last letters of their names."""
    return {zone for zone in "abcdef" if simulation.aws.targets_now(f"us-east-1{zone}")}
