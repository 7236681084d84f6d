"""What others' checkers say about the synthesised templates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cfnlint  # type: ignore[import-untyped]
import pytest
from aws_cdk import App
from cdk_nag import AwsSolutionsChecks
from cfnlint.config import ManualArgs  # type: ignore[import-untyped]

from tests.template.accepted_findings import ACCEPTED
from tests.template.example_stacks import define_example_stacks

CDK_ARTEFACTS = ["W3005", "W3010"]
"""A dependency that a reference implies already, and zones by name: the CDK writes both on purpose."""

# Strict and too slow for every test; the rest of the tests have it off.
STRICT = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
PROJECT = Path(__file__).parents[2]


def _strictly(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**STRICT, "CDK_OUTDIR": str(folder)}
    return subprocess.run(  # noqa: S603
        [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )


def _findings(folder: Path) -> list[str]:
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    return [violation["ruleName"] for report in reports for violation in report["violations"]]


def test_cdk_validation_finds_nothing_in_strict_mode(tmp_path: Path) -> None:
    synthesis = _strictly(tmp_path, "-m", "tests.template.example_stacks")
    assert (synthesis.returncode, _findings(tmp_path)) == (0, [])
    assert len(list(tmp_path.glob("*.template.json"))) == 8


BROKEN = """
from aws_cdk import App, CfnResource, Stack
from tests.template.example_stacks import CONTEXT
app = App(context=CONTEXT)
CfnResource(Stack(app, "Broken"), "Custom", type="AWS::EFS::FileSystem", properties={"Encrypted": "yes"})
app.synth()
"""


def test_cdk_validation_is_on(tmp_path: Path) -> None:
    assert _strictly(tmp_path, "-c", BROKEN).returncode == 1
    assert _findings(tmp_path) != []


def test_cfn_lint_finds_nothing(new_app: Callable[..., App]) -> None:
    app = new_app()
    define_example_stacks(app)
    templates = sorted(Path(str(app.synth().directory)).glob("*.template.json"))
    assert len(templates) == 8
    found = [
        f"{path.name} {match.rule.id} {match.message}"
        for path in templates
        for match in cfnlint.lint(path.read_text(), config=ManualArgs(ignore_checks=CDK_ARTEFACTS))
    ]
    assert found == []


def test_cfn_lint_is_on() -> None:
    template = {"Resources": {"Storage": {"Type": "AWS::EFS::FileSystem", "Properties": {"Encrypted": "perhaps"}}}}
    assert cfnlint.lint(json.dumps(template), config=ManualArgs(ignore_checks=CDK_ARTEFACTS)) != []


@pytest.fixture
def nag_findings(new_app: Callable[..., App]) -> set[tuple[str, str]]:
    """Stack and finding."""
    stacks = define_example_stacks(new_app())
    return {
        (stack.stack_name, violation.rule_name)
        for stack in stacks
        for violation in AwsSolutionsChecks().validate_scope(stack).violations
    }


def test_cdk_nag_finds_nothing_but_what_is_accepted_and_all_of_that(nag_findings: set[tuple[str, str]]) -> None:
    assert nag_findings == {(stack, one.finding) for one in ACCEPTED for stack in one.stacks}


@pytest.mark.parametrize("accepted", ACCEPTED, ids=lambda one: one.finding)
def test_every_accepted_finding_has_a_reason(accepted: object) -> None:
    assert len(getattr(accepted, "reason", "").split()) > 5
