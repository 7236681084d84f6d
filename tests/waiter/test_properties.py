"""The message about a malformed property names it, with what was seen and what was expected; nothing was called before.

`tests/malformed_input` sends far more of them, and reads less of each message.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.malformed_input.sending import Event, adopted_properties, changed, created_properties, event, send
from tests.simulator.simulation import simulate


def tag(*pairs: tuple[str, Any], **more: str) -> list[Event]:
    return [{"key": key, "value": value, **more} for key, value in pairs]


MESSAGES: list[tuple[str, Any, str]] = [
    ("FileSystemId", "fs-XYZ", "property FileSystemId is 'fs-XYZ', expected text like fs-"),
    ("FileSystemId", None, "property FileSystemId is missing"),
    ("MountTargets", {}, "property MountTargets is [], expected one mount target per availability zone"),
    ("MountTargets", "fsmt-1", "property MountTargets is 'fsmt-1', expected a mapping"),
    ("MountTargets", {"us-east-1a": "fs-1"}, "property MountTargets.us-east-1a is 'fs-1'"),
    ("MountTargets", {"us east": "fsmt-00000001"}, "property MountTargets has a key that is 'us east'"),
    ("SecurityGroupIds", ["sg-1; rm"], "property SecurityGroupIds is ['sg-1; rm']"),
    ("Tags", tag(("aws:reserved", "x")), "property Tags has a key that is 'aws:reserved'"),
    ("Tags", tag(("k", "x" * 257)), "property Tags.k is 'xxx"),
    ("Tags", ["k"], "property Tags is ['k'], expected a list of mappings with key and value"),
    ("Tags", tag((["k"], "x")), "property Tags is [{'key': ['k'], 'value': 'x'}], expected a list of"),  # type: ignore[arg-type]
    ("Tags", {"k": "v"}, "property Tags is {'k': 'v'}, expected a list of mappings with key and value"),
    ("Tags", [{"key": "k"}], "property Tags is [{'key': 'k'}], expected a list of mappings"),
    ("Tags", tag(("k", "x"), more="y"), "property Tags is [{'key': 'k', 'value': 'x', 'more'"),
    ("Tags", tag(("k", "x"), ("k", "y")), "expected a list of mappings with key and value, each key once, 50 in all"),
    ("WaitTimeoutSeconds", "0", "property WaitTimeoutSeconds is '0', expected a whole number from 1 to 2400"),
    ("WaitTimeoutSeconds", "1e3", "property WaitTimeoutSeconds is '1e3'"),
    ("AllowReplacement", "maybe", "property AllowReplacement is 'maybe', expected true or false"),
    ("Mystery", "x", "property Mystery is unknown"),
    ("Adopt", {}, "property Adopt VpcId is missing"),
    ("Adopt.Mystery", "x", "property Adopt Mystery is unknown"),
    ("Adopt.Clients", ["the moon"], "client is 'the moon'"),
    ("Adopt.Severities", {"backup-of": "off"}, "severity given for 'backup-of'"),
    ("Adopt.CreateMissing", "perhaps", "property Adopt CreateMissing is 'perhaps', expected true or false"),
    ("Adopt.Subnets", {"a": "subnet-x"}, "property Adopt Subnets.a is 'subnet-x'"),
    ("Adopt.IpAddressType", "IPV5", "property Adopt IpAddressType is 'IPV5'"),
]


@pytest.mark.parametrize(("place", "value", "message"), MESSAGES, ids=[f"{at}-{text}" for at, _, text in MESSAGES])
def test_a_malformed_property_is_refused_by_name_before_any_call(place: str, value: Any, message: str) -> None:
    properties = adopted_properties() if place.startswith("Adopt") else created_properties()
    with simulate() as simulation:
        response = send(simulation, event("Create", changed(properties, place, value)))
        assert response is not None
        assert response["Status"] == "FAILED"
        assert message in response["Reason"]
        assert simulation.aws.called == []
