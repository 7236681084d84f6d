"""The app as the CDK CLI runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]


def _run(folder: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(
        [sys.executable, "app.py"], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_mistake_in_the_context_is_one_line_and_a_failure(tmp_path: Path) -> None:
    run = _run(tmp_path, {"geuse-efs:one_zne": True})
    assert run.returncode == 1
    [line] = run.stderr.splitlines()
    assert line.startswith("geuse-efs: context key geuse-efs:one_zne is unknown, did you mean one_zone?; known are ")
    assert not list(tmp_path.glob("*.template.json"))


def test_a_mistake_that_the_construct_sees_is_one_line_without_a_traceback(tmp_path: Path) -> None:
    elsewhere = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-01234567"
    here = {"geuse-efs:account": "111122223333", "geuse-efs:region": "us-east-1", "geuse-efs:vpc_id": "vpc-01234567"}
    run = _run(tmp_path, {"geuse-efs:existing_file_system_id": elsewhere, **here})
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith(f"geuse-efs: file_system_id {elsewhere} is in region eu-west-1,")


def test_every_environment_is_a_stack(tmp_path: Path) -> None:
    run = _run(tmp_path, {"geuse-efs:environments": json.dumps({"dev": {}, "prod": {"region": "eu-west-1"}})})
    assert run.returncode == 0, run.stderr
    names = sorted(template.name for template in tmp_path.glob("*.template.json"))
    assert names == ["geuse-efs-dev.template.json", "geuse-efs-prod.template.json"]


@pytest.mark.parametrize("command", ["synth", "deploy", "diff", "destroy"])
def test_make_chooses_an_environment_from_its_command_line_only(command: str) -> None:
    def printed(*given: str) -> str:
        # Not as a part of the make that runs the tests.
        outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        environment = {**outside, "ENVIRONMENT": "of-the-shell"}
        make = ["make", "--dry-run", command, "ARGS=--verbose", *given]
        done = subprocess.run(make, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
        return done.stdout

    assert printed("ENVIRONMENT=prod").rstrip().endswith(" -c geuse-efs:environment=prod --verbose")
    assert "of-the-shell" not in printed()
