"""Reports what a check found: a block per finding for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geuse_efs_check.checking import Checked
from geuse_efs_waiter.adoption.checks.findings import Finding

FORMAT = 1
"""Version of the JSON document; keys may be added to it, none is changed or taken away within one version."""
_COLOURS = {"error": "bold red", "warning": "yellow"}


def as_json(checked: Checked) -> str:
    """The JSON document."""
    observed, result = checked.observed, checked.result
    document = {
        "format": FORMAT,
        "file_system_id": checked.desired.file_system_id,
        "region": observed.region,
        "account": observed.account,
        "errors": len(result.findings.errors),
        "warnings": len(result.findings.warnings),
        "findings": [dataclasses.asdict(finding) for finding in result.findings.all],
        "to_create": to_create(checked),
        "covered_by": {target.availability_zone: target.mount_target_id for target in result.covered_by.values()},
    }
    return json.dumps(document, indent=2)


def to_create(checked: Checked) -> list[dict[str, str]]:
    """The mount targets that adoption would create: the AZ and the subnet of each."""
    subnets = [checked.observed.subnets[checked.desired.subnets[key]] for key in checked.result.to_create]
    return [{"availability_zone": subnet.availability_zone, "subnet_id": subnet.subnet_id} for subnet in subnets]


def print_report(checked: Checked, console: Console | None = None) -> None:
    """Print a block per finding, then what adoption would create."""
    console = console or Console()
    findings = checked.result.findings
    for finding in findings.all:
        console.print(_block(finding))
    console.print(Text(f"file system {checked.desired.file_system_id} in {checked.observed.region}: {findings.count}"))
    for zone, target in sorted(as_covered(checked).items()):
        console.print(Text(f"{zone} is covered by {target}"))
    verb = "adoption would create" if not findings.errors else "once there is no error, adoption would create"
    for one in to_create(checked):
        console.print(Text(f"{verb} a mount target in {one['availability_zone']}, subnet {one['subnet_id']}"))
    if not checked.result.to_create:
        console.print("adoption would create nothing")


def as_covered(checked: Checked) -> dict[str, str]:
    """The mount target of each covered AZ, in words."""
    return {
        network.availability_zone: f"{network.mount_target_id} ({network.lifecycle_state})"
        for network in checked.result.covered_by.values()
    }


def _block(finding: Finding) -> Table:
    """One finding; words wrap, ids stay whole."""
    # Text, not markup: what AWS says may hold brackets.
    block = Table.grid(padding=(0, 2))
    block.add_row(Text(finding.severity, _COLOURS[finding.severity]), Text(f"{finding.code}  {finding.resource}"))
    for name in ("actual", "expected", "fix"):
        block.add_row(name, Text(getattr(finding, name)))
    return block
