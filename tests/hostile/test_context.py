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
from tests.hostile.conftest import FIXED
from tests.hostile.inputs import INJECTED, JSON, WRONG_TYPES

PROJECT = Path(__file__).parents[2]
NAMES = [one.name for one in fields(Settings)]
NAMED_FREELY = {"environment", "deployment", "tier"}


def settings_or_error(context: dict[str, Any]) -> str:
    """The message of the SettingsError; empty if the context is accepted."""
    try:
        read_settings(context)
    except SettingsError as mistake:
        return str(mistake)
    return ""


@pytest.mark.parametrize("injected", INJECTED.values(), ids=INJECTED)
@pytest.mark.parametrize("name", NAMES)
def test_an_injected_value_is_refused_by_the_name_of_its_key(name: str, injected: str) -> None:
    if name in NAMED_FREELY and injected == INJECTED["upper case"]:
        return
    message = settings_or_error({f"{PREFIX}{name}": injected})
    assert f"{PREFIX}{name}" in message
    assert len(message) < 600


@pytest.mark.parametrize("wrong", WRONG_TYPES.values(), ids=WRONG_TYPES)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_type_is_a_settings_error_or_a_value_of_that_type(name: str, wrong: Any) -> None:
    message = settings_or_error({f"{PREFIX}{name}": wrong})
    assert not message or f"{PREFIX}{name}" in message


@pytest.mark.parametrize(
    "value", [*INJECTED.values(), *WRONG_TYPES.values(), "{", "[]", '{"dev": 1}', '{"dev": {"x": 1}}']
)
def test_wrong_environments_are_refused_by_name(value: Any) -> None:
    if value is not None:
        assert ENVIRONMENTS in settings_or_error({ENVIRONMENTS: value})


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 64, "💥", "../x", "-x", "\x00", "a.b"])
def test_a_wrong_name_of_an_environment_is_refused(name: str) -> None:
    assert ENVIRONMENTS in settings_or_error({ENVIRONMENTS: {name: {}}})


@FIXED
@given(name=st.sampled_from(NAMES), value=JSON)
def test_any_json_is_a_settings_error_or_accepted_and_never_another_exception(name: str, value: Any) -> None:
    message = settings_or_error({f"{PREFIX}{name}": value})
    assert not message or f"{PREFIX}" in message


@FIXED
@given(context=st.dictionaries(st.sampled_from([f"{PREFIX}{name}" for name in [*NAMES, "environments", "typo"]]), JSON))
def test_any_context_of_several_keys_never_raises_another_exception(context: dict[str, Any]) -> None:
    settings_or_error(context)


@FIXED
@given(value=JSON, name=st.text(max_size=20))
def test_any_environments_never_raise_another_exception(value: Any, name: str) -> None:
    settings_or_error({ENVIRONMENTS: {name: value}})
    settings_or_error({ENVIRONMENTS: json.dumps({name: value})})
    settings_or_error({ENVIRONMENTS: {name: {"region": value}}})


APP: dict[str, dict[str, Any]] = {
    "an unknown key": {"geuse-efs:onezone": True},
    "a mapping for text": {"geuse-efs:region": {"a": 1}},
    "environments that are no JSON": {"geuse-efs:environments": "{"},
    "a newline": {"geuse-efs:tier": "a\nb"},
    "NUL": {"geuse-efs:tier": "a\x00b"},
    "a zone of another form": {"geuse-efs:availability_zones": "us-east-1"},
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
