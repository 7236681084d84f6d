"""Synthesises in a process of its own, with the CDK's validation on and strict, and reads what came out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from tests.static_checks.findings import Finding

PROJECT = Path(__file__).parents[2]
CONTEXT: dict[str, Any] = json.loads((PROJECT / "cdk.json").read_text())["context"]
_OUTCOME = "outcome.json"
# The CLI asks for paths too; findings then name constructs instead of logical ids.
_CONTEXT = {**CONTEXT, "aws:cdk:enable-path-metadata": True}


def short_path(path: str) -> str:
    """Without what every L2 construct calls its only resource."""
    return path.removesuffix("/Resource")


class Template:
    """One synthesised template."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stack = path.name.removesuffix(".template.json")

    @cached_property
    def resources(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text())["Resources"])

    def finding(self, rule: str, logical_id: str | None, text: str) -> Finding:
        """A finding at a resource, or at the template as a whole."""
        metadata = self.resources.get(logical_id or "", {}).get("Metadata", {})
        path = metadata.get("aws:cdk:path", "/".join(filter(None, (self.stack, logical_id))))
        return Finding(rule, short_path(path), text)


class Synthesis(NamedTuple):
    """What one process left behind."""

    exit_code: int
    validation: list[Finding]
    templates: list[Template]
    errors: str


def synthesise(folder: Path, module: str) -> Synthesis:
    """Runs the module, which synthesises an app into the folder."""
    environment = {key: value for key, value in os.environ.items() if key != "CDK_VALIDATION"}
    environment |= {"CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(_CONTEXT)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", module], cwd=PROJECT, env=environment, capture_output=True, text=True, check=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _OUTCOME).write_text(json.dumps([done.returncode, done.stderr]))
    return read(folder)


def read(folder: Path) -> Synthesis:
    """What was synthesised into the folder."""
    exit_code, errors = json.loads((folder / _OUTCOME).read_text())
    templates = [Template(path) for path in sorted(folder.glob("*.template.json"))]
    report = folder / "validation-report.json"
    return Synthesis(exit_code, _validation(report) if report.exists() else [], templates, errors)


def _validation(report: Path) -> list[Finding]:
    return [
        Finding(violation["ruleName"], short_path(resource.get("constructPath", "?")), violation["description"])
        for plugin in json.loads(report.read_text())["pluginReports"]
        for violation in plugin["violations"]
        for resource in violation.get("violatingConstructs") or [{}]
    ]
