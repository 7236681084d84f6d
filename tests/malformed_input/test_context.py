"""Context with mistakes: a SettingsError that names the key, and from the app one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.settings import ENVIRONMENTS, PREFIX, Settings, SettingsError, read_settings
from tests.malformed_input.inputs import EXAMPLES, INJECTED, JSON, WRONG_TYPES, is_good

PROJECT = Path(__file__).parents[2]
CDK = PROJECT / "node_modules" / ".bin" / "cdk"
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


MEANINGS: list[tuple[str, Any, Any]] = [
    ("account", "123456789012", "123456789012"),
    ("region", "us-east-1", "us-east-1"),
    ("region", "us-gov-west-1", "us-gov-west-1"),
    ("existing_file_system_id", "fs-00000001", "fs-00000001"),
    ("availability_zones", "us-east-1a, us-east-1b", ("us-east-1a", "us-east-1b")),
    ("availability_zones", ["us-east-1a"], ("us-east-1a",)),
    ("client_security_group_ids", "sg-00000001", ("sg-00000001",)),
    ("one_zone", "TRUE", True),
    ("one_zone", "false", False),
    ("one_zone", False, False),
    ("wait_timeout_minutes", "1", 1),
    ("wait_timeout_minutes", 40, 40),
    ("vpc_cidr", "10.1.0.0/24", "10.1.0.0/24"),
    ("throughput_mode", "elastic", "elastic"),
]


@pytest.mark.parametrize(("name", "value", "meaning"), MEANINGS, ids=[f"{name}-{value}" for name, value, _ in MEANINGS])
def test_a_good_value_is_accepted_for_its_meaning(name: str, value: Any, meaning: Any) -> None:
    [settings] = read_settings({f"{PREFIX}{name}": value})
    read = getattr(settings, name)
    assert (read, type(read)) == (meaning, type(meaning))


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
    "an account as a number": ("account", 123456789012),
    "a zone for a region": ("region", "us-east-1a"),
    "a region for a zone": ("availability_zones", "us-east-1"),
    "a zone twice": ("availability_zones", "us-east-1a, us-east-1a"),
    "a comma too much": ("availability_zones", "us-east-1a,"),
    "a wait in wide digits": ("wait_timeout_minutes", "３"),  # noqa: RUF001
    "a wait too long": ("wait_timeout_minutes", 41),
    "no wait": ("wait_timeout_minutes", "0"),
    "half a minute": ("wait_timeout_minutes", 0.5),
    "a CIDR with host bits": ("vpc_cidr", "10.0.0.1/16"),
    "a small CIDR": ("vpc_cidr", "10.0.0.0/28"),
    "yes": ("backups", "yes"),
    "1": ("backups", 1),
    "a mode in upper case": ("performance_mode", "MAXIO"),
    "an alias": ("kms_key_arn", "arn:aws:kms:us-east-1:123456789012:alias/mine"),
}


@pytest.mark.parametrize(("name", "value"), NEARLY.values(), ids=NEARLY)
def test_a_value_that_is_nearly_right_is_refused(name: str, value: Any) -> None:
    refused_by_name(name, value)


@pytest.mark.parametrize(
    "key", ["geuse-efs", "geuse-efs.tier", "geuse_efs:tier", "geuseefs:tier", "Geuse-Efs:tier", "geuse-efs-tier"]
)
def test_a_mistake_in_the_prefix_is_not_a_key_of_others(key: str) -> None:
    assert f"context key {key!r} is unknown; settings are called geuse-efs:<name>" in refused({key: "prod"})


@pytest.mark.parametrize(
    "key", ["tier", "@aws-cdk/core:x", "vpc-provider:account=1:geuse-efs:", "availability-zones:x"]
)
def test_keys_of_others_are_left_alone(key: str) -> None:
    assert read_settings({key: ["anything"]}) == read_settings({})


@pytest.mark.parametrize(
    "value", [*INJECTED.values(), *WRONG_TYPES.values(), "{", "[]", '{"dev": 1}', '{"dev": {"x": 1}}']
)
def test_wrong_environments_are_refused_by_name(value: Any) -> None:
    if value is not None:
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
@given(context=st.dictionaries(st.sampled_from([*NAMES, "environments", "typo"]), JSON, min_size=1))
def test_any_context_of_several_keys_is_refused_unless_each_is_good(context: dict[str, Any]) -> None:
    context.setdefault("typo", "x")
    assert any(
        f"{PREFIX}{key}" in refused({f"{PREFIX}{each}": value for each, value in context.items()}) for key in context
    )


@EXAMPLES
@given(value=JSON, name=st.text(max_size=20), overrides=st.dictionaries(st.just("region"), JSON, min_size=1))
def test_any_environments_are_refused_by_name(value: Any, name: str, overrides: dict[str, Any]) -> None:
    for environments in ({f"{name}!": value}, {"dev": overrides}, {name: overrides}):
        for given_as in (environments, json.dumps(environments)):
            assert ENVIRONMENTS in refused({ENVIRONMENTS: given_as})


def test_the_app_says_it_in_one_line(tmp_path: Path) -> None:
    context = {f"{PREFIX}tier": "a\nb"}
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(context)}
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("geuse-efs: context key geuse-efs:")
    assert not list(tmp_path.glob("*.template.json"))


def test_a_context_file_that_is_no_json_is_one_line_of_the_cdk(tmp_path: Path) -> None:
    """The CDK reads these files, and before the app runs: a wrong value in them is the app's, as above."""
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    (tmp_path / "cdk.context.json").write_text('{"geuse-efs:tier": "dev"')
    run = subprocess.run(  # noqa: S603
        [CDK, "synth", "--no-notices"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("cdk.context.json: ")
    assert "JSON at position" in line
