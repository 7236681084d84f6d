"""Tells what a check found: a table for people, JSON for programs."""

from __future__ import annotations

import dataclasses
import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from geuse_efs_check.checking import Checked

FORMAT = 1
"""Version of the JSON document; keys may be added to it, none is changed or taken away within one version."""
_COLOURS = {"error": "bold red", "warning": "yellow"}
# A pipe has no width of its own; ids must not be folded there.
_PIPE_WIDTH = 240


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
    """Print the findings as a table, then what adoption would create."""
    console = console or _console()
    findings = checked.result.findings
    if findings.all:
        console.print(_table(checked))
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


def _table(checked: Checked) -> Table:
    table = Table(show_lines=True)
    for name in ("severity", "code", "resource"):
        table.add_column(name, no_wrap=name != "resource", overflow="fold")
    for name in ("actual", "expected", "fix"):
        table.add_column(name, overflow="fold")
    for finding in checked.result.findings.all:
        # Text, not markup: what AWS says may hold brackets.
        cells = [finding.code, finding.resource, finding.actual, finding.expected, finding.fix]
        table.add_row(Text(finding.severity, _COLOURS[finding.severity]), *map(Text, cells))
    return table


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)
