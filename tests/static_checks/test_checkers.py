"""What checkers say about the stacks: nothing that is not accepted. A bad stack proves that each of them can say something."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.static_checks.all_stacks import ACCEPTED
from tests.static_checks.checkers import CDK, GUARD, HIPAA, NIST, PCI, SERVERLESS, SOLUTIONS, Report

pytestmark = pytest.mark.check
PLUGINS = {SOLUTIONS, NIST, HIPAA, PCI, SERVERLESS, GUARD}


def test_all_kinds_of_stacks_are_there(all_stacks: Report) -> None:
    kinds = ("default", "one-zone", "customer-key", "provisioned", "adopting")
    names = {path.name.removesuffix(".template.json") for path in all_stacks.templates}
    assert names >= {"geuse-efs-dev", "many", "adopt-many", *(f"geuse-efs-{kind}" for kind in kinds)}


def test_the_plugins_find_nothing_that_is_not_accepted(all_stacks: Report) -> None:
    assert (all_stacks.exit_code, all_stacks.findings) == (0, frozenset()), all_stacks.output
    assert all_stacks.plugins >= PLUGINS


@pytest.mark.parametrize(
    ("plugin", "rule", "construct"),
    [
        (SOLUTIONS, "AwsSolutions-EFS1", "bad/FileSystem"),
        (SOLUTIONS, "AwsSolutions-EC23", "bad/Group"),
        (NIST, "NIST.800.53.R5-EFSEncrypted", "bad/FileSystem"),
        (HIPAA, "HIPAA.Security-EFSEncrypted", "bad/FileSystem"),
        (PCI, "PCI.DSS.321-EFSEncrypted", "bad/FileSystem"),
        (SERVERLESS, "Serverless-LambdaLatestVersion", "bad/Function"),
        (GUARD, "efs_encrypted_check", "bad/FileSystem"),
        (GUARD, "vpc_sg_open_only_to_authorized_ports_check", "bad/Group"),
        (GUARD, "iam_inline_policy_no_statements_with_admin_access_check", "bad/Role"),
        (GUARD, "lambda_inside_vpc_check", "bad/Function"),
        (CDK, "F3012", "bad/Untyped"),
        (CDK, "W2508", "bad/Group"),
    ],
)
def test_each_plugin_refuses_the_bad_stack(bad: Report, plugin: str, rule: str, construct: str) -> None:
    assert bad.exit_code == 1
    assert (plugin, rule, construct) in bad.findings


def _cfn_lint(templates: list[Path]) -> tuple[int, str]:
    config = ["--config-file", str(Path(__file__).with_name("cfnlintrc.yaml"))]
    command = [str(Path(sys.executable).with_name("cfn-lint")), *config, "--format", "parseable", *map(str, templates)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


def test_cfn_lint_finds_nothing(all_stacks: Report) -> None:
    assert _cfn_lint(all_stacks.templates) == (0, "")


def test_cfn_lint_refuses_the_bad_stack(bad: Report) -> None:
    code, output = _cfn_lint(bad.templates)
    assert code != 0
    assert ":E3012:" in output
    assert ":W2531:" in output


def test_what_is_accepted_has_a_reason_in_words() -> None:
    assert [reason for reasons in ACCEPTED.values() for reason in reasons if len(reason.split()) < 10] == []
