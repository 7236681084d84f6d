"""Context with mistakes: a SettingsError that names the key, and from the app one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.settings import ENVIRONMENTS, PREFIX, Settings, SettingsError, read_settings
from tests.malformed_input.conftest import FIXED
from tests.malformed_input.contract_of_settings import ALONE, allowed_environments, meant
from tests.malformed_input.inputs import INJECTED, JSON, WRONG_TYPES

PROJECT = Path(__file__).parents[2]
NAMES = [one.name for one in fields(Settings)]
CDK = PROJECT / "node_modules" / ".bin" / "cdk"


def message_of(context: dict[str, Any]) -> str:
    """The message of the SettingsError; empty if the context is accepted."""
    try:
        read_settings(context)
    except SettingsError as mistake:
        return str(mistake)
    return ""


def judged(name: str, value: Any) -> None:
    """It means what the contract says if that allows it, else it is refused by name, with what is expected."""
    context = {f"{PREFIX}{name}": value}
    if ALONE[name](value):
        [settings] = read_settings(context)
        read = getattr(settings, name)
        assert (read, type(read)) == (meant(name, value), type(meant(name, value)))
        return
    message = message_of(context)
    assert f"{PREFIX}{name}" in message, f"silently accepted: {message!r}"
    assert "expected" in message or "need" in message
    assert len(message) < 600


@pytest.mark.parametrize("name", NAMES)
def test_the_contract_knows_each_setting(name: str) -> None:
    assert name in ALONE


GOOD: dict[str, list[Any]] = {
    "account": ["123456789012"],
    "region": ["us-east-1", "us-gov-west-1"],
    "existing_file_system_id": ["fs-00000001"],
    "availability_zones": ["us-east-1a, us-east-1b", ["us-east-1a"]],
    "client_security_group_ids": ["sg-00000001"],
    "one_zone": ["TRUE", "false", False],
    "wait_timeout_minutes": ["1", 40],
    "vpc_cidr": ["10.1.0.0/24"],
    "throughput_mode": ["elastic"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_good_value_is_accepted_for_what_it_means(name: str, value: Any) -> None:
    assert ALONE[name](value)
    judged(name, value)


# One test a key: hundreds of tests would take longer to report than to run.
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [INJECTED, WRONG_TYPES], ids=["injected", "of a wrong type"])
def test_what_is_injected_or_of_a_wrong_type_is_refused_by_the_name_of_its_key(
    name: str, values: Mapping[str, Any]
) -> None:
    wrong: dict[str, str] = {}
    for what, value in values.items():
        try:
            judged(name, value)
        except AssertionError as error:
            wrong[what] = str(error)
    assert wrong == {}


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
    assert not ALONE[name](value)
    judged(name, value)


@pytest.mark.parametrize(
    "key", ["geuse-efs", "geuse-efs.tier", "geuse_efs:tier", "geuseefs:tier", "Geuse-Efs:tier", "geuse-efs-tier"]
)
def test_a_mistake_in_the_prefix_is_not_a_key_of_others(key: str) -> None:
    message = message_of({key: "prod"})
    assert f"context key {key!r} is unknown; settings are called geuse-efs:<name>" in message


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
        assert ENVIRONMENTS in message_of({ENVIRONMENTS: value})


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 64, "💥", "../x", "-x", "\x00", "a.b"])
def test_a_wrong_name_of_an_environment_is_refused(name: str) -> None:
    assert ENVIRONMENTS in message_of({ENVIRONMENTS: {name: {}}})


@FIXED
@given(name=st.sampled_from(NAMES), value=JSON)
def test_any_json_is_what_the_contract_allows_or_refused(name: str, value: Any) -> None:
    judged(name, value)


@FIXED
@given(context=st.dictionaries(st.sampled_from([f"{PREFIX}{name}" for name in [*NAMES, "environments", "typo"]]), JSON))
def test_any_context_of_several_keys_is_refused_unless_each_is_allowed(context: dict[str, Any]) -> None:
    message = message_of(context)
    given_settings = {key.removeprefix(PREFIX): value for key, value in context.items() if key != ENVIRONMENTS}
    each = all(name in ALONE and ALONE[name](value) for name, value in given_settings.items())
    environments = context.get(ENVIRONMENTS)
    if message == "":
        assert each
        assert environments is None or allowed_environments(environments)
    else:
        assert PREFIX in message


@FIXED
@given(value=JSON, name=st.text(max_size=20))
def test_any_environments_are_refused_by_name_unless_each_is_allowed(value: Any, name: str) -> None:
    for environments in ({name: value}, {name: {"region": value}}):
        for given_as in (environments, json.dumps(environments)):
            message = message_of({ENVIRONMENTS: given_as})
            assert (message == "") == allowed_environments(environments), message
            assert not message or ENVIRONMENTS in message


APP: dict[str, dict[str, Any]] = {
    "an unknown key": {"geuse-efs:onezone": True},
    "a mapping for text": {"geuse-efs:region": {"a": 1}},
    "a newline": {"geuse-efs:tier": "a\nb"},
}


@pytest.mark.parametrize("context", APP.values(), ids=APP)
def test_the_app_says_it_in_one_line(tmp_path: Path, context: dict[str, Any]) -> None:
    environment = {**os.environ, "CDK_OUTDIR": str(tmp_path), "CDK_CONTEXT_JSON": json.dumps(context)}
    run = subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("geuse-efs: context key geuse-efs:")
    assert not list(tmp_path.glob("*.template.json"))


FILES = {
    "cdk.json": '{"app": "python3 app.py", "context": {"geuse-efs:tier": "dev",}}',
    "cdk.context.json": '{"geuse-efs:tier": "dev"',
}


@pytest.mark.parametrize("name", FILES)
def test_a_context_file_that_is_no_json_is_one_line_of_the_cdk(tmp_path: Path, name: str) -> None:
    """The CDK reads these files, and before the app runs: a wrong value in them is the app's, as above."""
    (tmp_path / "cdk.json").write_text('{"app": "python3 app.py"}')
    (tmp_path / name).write_text(FILES[name])
    run = subprocess.run(  # noqa: S603
        [CDK, "synth", "--no-notices"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith(f"{name}: ")
    assert "JSON at position" in line
