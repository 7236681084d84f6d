"""Context with mistakes: a SettingsError that names the key."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.settings import ENVIRONMENTS, PREFIX, Settings, SettingsError, read_settings
from tests.malformed_input.inputs import EXAMPLES, INJECTED, JSON, WRONG_TYPES, is_good

NAMES = [setting.name for setting in fields(Settings)]

GOOD: dict[str, Any] = {
    **dict.fromkeys(("environment", "deployment", "tier"), (INJECTED["upper case"],)),
    **dict.fromkeys(("allow_public_subnets", "one_zone", "backups", "keep_data"), (True, False)),
    "wait_timeout_minutes": range(1, 41),
}
"""What of the wrong inputs is right for some settings."""


def refused(context: dict[str, Any]) -> str:
    """The message of the SettingsError, which names a key and what it should have."""
    with pytest.raises(SettingsError, match=PREFIX) as mistake:
        read_settings(context)
    message = str(mistake.value)
    assert len(message) < 600
    return message


def refused_by_name(name: str, value: Any) -> None:
    message = refused({f"{PREFIX}{name}": value})
    assert f"{PREFIX}{name}" in message
    assert "expected" in message or "need" in message


# One test per key: hundreds of tests would take longer to report than to run.
@pytest.mark.parametrize("name", NAMES)
def test_an_injected_text_or_a_wrong_type_is_refused_by_the_name_of_its_key(name: str) -> None:
    for value in (*INJECTED.values(), *WRONG_TYPES.values()):
        if is_good(GOOD, name, value):
            assert read_settings({f"{PREFIX}{name}": value})
        else:
            refused_by_name(name, value)


NEARLY: dict[str, tuple[str, Any]] = {
    "an account in wide digits": ("account", "１23456789012"),  # noqa: RUF001
    "a comma too much": ("availability_zones", "us-east-1a,"),
    "a zone twice": ("availability_zones", "us-east-1a, us-east-1a"),
    "a wait too long": ("wait_timeout_minutes", 41),
    "a wait in wide digits": ("wait_timeout_minutes", "３"),  # noqa: RUF001
    "half a minute": ("wait_timeout_minutes", 0.5),
    "a small CIDR": ("vpc_cidr", "10.0.0.0/28"),
}


@pytest.mark.parametrize(("name", "value"), NEARLY.values(), ids=NEARLY)
def test_a_value_that_is_nearly_right_is_refused(name: str, value: Any) -> None:
    refused_by_name(name, value)


@pytest.mark.parametrize(
    "key", ["geuse-efs", "geuse-efs.tier", "geuse_efs:tier", "geuseefs:tier", "Geuse-Efs:tier", "geuse-efs-tier"]
)
def test_a_mistake_in_the_prefix_is_not_a_key_of_others(key: str) -> None:
    assert f"context key {key!r} is unknown; settings are called geuse-efs:<name>" in refused({key: "prod"})


@pytest.mark.parametrize("value", [*INJECTED.values(), *(value for value in WRONG_TYPES.values() if value is not None)])
def test_wrong_environments_are_refused_by_name(value: Any) -> None:
    assert ENVIRONMENTS in refused({ENVIRONMENTS: value})


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 64, "💥", "../x", "-x", "\x00", "a.b"])
def test_a_wrong_name_of_an_environment_is_refused(name: str) -> None:
    assert ENVIRONMENTS in refused({ENVIRONMENTS: {name: {}}})


@EXAMPLES
@given(name=st.sampled_from(NAMES), value=JSON)
def test_any_json_is_refused_by_the_name_of_its_key(name: str, value: Any) -> None:
    if not is_good(GOOD, name, value):
        refused_by_name(name, value)


@EXAMPLES
@given(value=JSON, name=st.text(max_size=20), overrides=st.dictionaries(st.just("region"), JSON, min_size=1))
def test_any_environments_are_refused_by_name(value: Any, name: str, overrides: dict[str, Any]) -> None:
    for environments in ({f"{name}!": value}, {"dev": overrides}, {name: overrides}):
        for given_as in (environments, json.dumps(environments)):
            assert ENVIRONMENTS in refused({ENVIRONMENTS: given_as})
