"""The checkers that are plugins of the CDK, and a synthesis in a process of its own that runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks
from cdklabs.cdk_validator_cfnguard import CfnGuardValidator

from tests.construct.example_stacks import CONTEXT

PROJECT = Path(__file__).parents[2]
# Names of plugins, as reports and acknowledgements have them.
SOLUTIONS, NIST, HIPAA = "AwsSolutions", "NIST.800.53.R5", "HIPAA.Security"
PCI, SERVERLESS = "PCI.DSS.321", "Serverless"
GUARD, CDK = "cdk-validator-cfnguard", "CloudFormation Validate"


def add_checkers(app: App) -> None:
    """All packs of cdk-nag, and AWS Control Tower's rules in Guard; the CDK's own validation is there anyway."""
    packs = (AwsSolutionsChecks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks, ServerlessChecks)
    # Written for the interface before it was stable; the methods are the same.
    guard: Any = CfnGuardValidator()
    Validations.of(app).add_plugins(guard, *(pack(app) for pack in packs))


class Report(NamedTuple):
    """How a checked synthesis ended.

    Attributes:
        exit_code: Of the process; not 0 where a checker found something.
        plugins: The checkers that ran.
        findings: The plugin, the rule and the construct path of each finding.
        templates: What was synthesised.
        output: What the process said: each finding, and how to acknowledge it.
    """

    exit_code: int
    plugins: frozenset[str]
    findings: frozenset[tuple[str, str, str]]
    templates: list[Path]
    output: str


def synthesise(folder: Path, module: str) -> Report:
    """Run a module that synthesises an app into the folder, with the CDK's validation on and the flags of cdk.json."""
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    # The CLI asks for paths too; checkov's findings then name constructs.
    context = json.dumps({**CONTEXT, "aws:cdk:enable-path-metadata": True})
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module],
        cwd=PROJECT,
        env={**environment, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": context},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    report = folder / "validation-report.json"
    plugins: list[Any] = json.loads(report.read_text())["pluginReports"] if report.exists() else []
    return Report(
        done.returncode,
        frozenset(plugin["pluginName"] for plugin in plugins),
        frozenset(
            (plugin["pluginName"], violation["ruleName"], construct["constructPath"])
            for plugin in plugins
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ),
        sorted(folder.glob("*.template.json")),
        done.stdout,
    )
