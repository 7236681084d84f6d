"""Every shell script of the project is clean to shellcheck."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
FOLDERS = (".ci", "constructs", "tests")


def _is_script(path: Path) -> bool:
    return path.is_file() and (
        path.suffix == ".sh" or path.read_bytes()[:24].startswith((b"#!/bin/bash", b"#!/usr/bin/env bash"))
    )


SCRIPTS = [path for folder in FOLDERS for path in sorted((PROJECT / folder).rglob("*")) if _is_script(path)]


def test_there_are_scripts_to_look_at() -> None:
    assert len(SCRIPTS) > 2


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_shellcheck_has_nothing_to_say(path: Path) -> None:
    program = Path(sys.executable).with_name("shellcheck")
    checked = subprocess.run([program, "--shell=bash", path], capture_output=True, text=True, check=False)  # noqa: S603
    assert (checked.returncode, checked.stdout) == (0, "")
