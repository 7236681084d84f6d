"""What the contract allows at each place of a request. Written from the documents, not from the code.

Sources: docs/adr/0002-direct-lambda.md, `help(GeuseEfs)`, and the references of EFS, EC2 and CloudFormation.
It knows what is there in the simulator: what has a good form and does not exist there is not allowed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from geuse_efs_waiter.adoption.finding_codes import CODES
from tests.fault_injection.adopting import ACCESS_POINT, CLIENTS, PREFIX_LIST
from tests.fault_injection.scenario import FILE_SYSTEM
from tests.simulator.names import REGION, VPC

MOUNT_TARGET, ZONE = "fsmt-00000001", "us-east-1a"
Judge = Callable[[Any], bool]


def text(form: str) -> Judge:
    """Text of that form, in ASCII."""
    return lambda value: isinstance(value, str) and re.fullmatch(form, value, re.ASCII) is not None


def one_of(*values: str) -> Judge:
    return lambda value: isinstance(value, str) and value in values


def list_of(judge: Judge, most: int | None = None) -> Judge:
    """A list; with a number, at most so many, all different."""
    return lambda value: (
        isinstance(value, list) and all(map(judge, value)) and (most is None or len(set(value)) == len(value) <= most)
    )


def flag(value: Any) -> bool:
    """CloudFormation sends truth values as text."""
    return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))


def whole(low: int, high: int) -> Judge:
    """CloudFormation sends numbers as text."""

    def judge(value: Any) -> bool:
        number = type(value) is int or text("[0-9]{1,9}")(value)
        return number and low <= int(value) <= high

    return judge


def zones(places: dict[str, str]) -> Judge:
    """Names of zones with what is there: each once, at least one; the name of a zone only for what is in that zone."""

    def judge(value: Any) -> bool:
        if not isinstance(value, dict) or not value or not all(map(one_of(*places), value.values())):
            return False
        named = all(places[there] == key or not text(f"{REGION}[a-z]")(key) for key, there in value.items())
        return named and all(map(text("[A-Za-z0-9-]{1,64}"), value)) and len({*value.values()}) == len(value)

    return judge


def tags(value: Any) -> bool:
    """EC2: 50 on a resource; keys of 1 to 128 characters, each once, not beginning with ``aws:``; values of at most 256."""
    if not isinstance(value, list) or len(value) > 50:
        return False
    if not all(isinstance(one, dict) and {*one} == {"key", "value"} for one in value):
        return False
    keys, values = [one["key"] for one in value], [one["value"] for one in value]
    if not all(isinstance(one, str) and not re.search("[\x00-\x1f\ud800-\udfff]", one) for one in keys + values):
        return False
    good = all(1 <= len(key) <= 128 and not key.lower().startswith("aws:") for key in keys)
    return good and len({*keys}) == len(keys) and all(len(one) <= 256 for one in values)


def severities(value: Any) -> bool:
    return isinstance(value, dict) and all(
        code in CODES and one_of("error", "warning", "off")(severity) for code, severity in value.items()
    )


def never(_value: Any) -> bool:
    return False


GROUP, ACCOUNT = text("sg-[0-9a-f]{8,40}"), "[0-9]{12}"
PROPERTIES: dict[str, Judge] = {
    "FileSystemId": one_of(FILE_SYSTEM),
    "MountTargets": zones({MOUNT_TARGET: ZONE}),
    "MountTargets.us-east-1a": one_of(MOUNT_TARGET),
    "SecurityGroupIds": list_of(GROUP, 5),
    "SecurityGroupIds.0": GROUP,
    "Tags": tags,
    "WaitTimeoutSeconds": whole(1, 2400),
    "AllowReplacement": flag,
    # A mapping that lacks anything is none, and the tests make no whole one.
    "Adopt": never,
    "Adopt.VpcId": one_of(VPC),
    "Adopt.Subnets": zones({f"subnet-0000000{zone}": f"us-east-1{zone}" for zone in "abcdef"}),
    "Adopt.Subnets.us-east-1b": one_of("subnet-0000000b"),
    "Adopt.Clients": list_of(one_of(CLIENTS, PREFIX_LIST)),
    "Adopt.Clients.0": one_of(CLIENTS, PREFIX_LIST),
    "Adopt.AccessPointIds": list_of(one_of(ACCESS_POINT)),
    "Adopt.AccessPointIds.0": one_of(ACCESS_POINT),
    "Adopt.CreateMissing": flag,
    "Adopt.RetainCreated": flag,
    "Adopt.IpAddressType": one_of("IPV4_ONLY", "DUAL_STACK", "IPV6_ONLY"),
    "Adopt.OwnGroup": flag,
    "Adopt.Severities": severities,
    "Adopt.RoleArn": text(rf"arn:aws[a-z-]*:iam::{ACCOUNT}:role/[\w+=,.@/-]+"),
    "Adopt.KmsKeyArn": lambda value: (
        # Empty is none: the CDK leaves it out then.
        value == "" or text(rf"arn:aws[a-z-]*:kms:[a-z0-9-]+:{ACCOUNT}:(key|alias)/[\w/-]+")(value)
    ),
}


def number(value: Any) -> bool:
    """Seconds of earlier runs; three of them end within the hour that CloudFormation waits."""
    return type(value) in (int, float) and 0 <= value <= 3600


EVENT: dict[str, Judge] = {
    "StackId": text(rf"arn:aws[a-z-]*:cloudformation:[a-z0-9-]+:{ACCOUNT}:stack/[A-Za-z0-9-]+/[A-Za-z0-9-]+"),
    # What an answer gave before.
    "PhysicalResourceId": text("geuse-efs:(fs-[0-9a-f]{8,40}|unknown)"),
    "OldResourceProperties": lambda value: isinstance(value, dict),
    "GeuseEfsWaitedSeconds": number,
}


def allowed_property(place: str, value: Any) -> bool:
    """Whether a create or an update with that value at that place may succeed."""
    return PROPERTIES[place](value)


NEEDED = ("RequestType", "ResponseURL", "StackId", "RequestId", "LogicalResourceId")
"""Without these nobody can be answered."""


def answerable(event: dict[str, Any]) -> bool:
    """Whether there is somebody to answer."""
    texts = all(isinstance(event.get(key), str) and event[key] for key in NEEDED)
    return texts and text("https?://.+")(event["ResponseURL"])


def allowed_event(event: dict[str, Any], properties: dict[str, Any]) -> bool:
    """Whether a create or an update may succeed that wants these properties; keys that are not known are CloudFormation's."""
    return (
        event["RequestType"] in ("Create", "Update")
        and event["ResourceProperties"] == properties
        and all(allowed_in_event(event["RequestType"], key, event[key]) for key in EVENT if key in event)
    )


def allowed_in_event(kind: str, key: str, value: Any) -> bool:
    """Whether a request with that value beside its properties may succeed."""
    if kind == "Delete" or (kind, key, value) == ("Create", "PhysicalResourceId", ""):
        # Nothing may block a deletion; a create has no physical id.
        return True
    return EVENT[key](value)
