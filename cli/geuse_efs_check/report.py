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
    seen, judgement = checked.seen, checked.judgement
    document = {
        "format": FORMAT,
        "file_system_id": checked.wish.file_system_id,
        "region": seen.region,
        "account": seen.account,
        "errors": len(judgement.findings.errors),
        "warnings": len(judgement.findings.warnings),
        "findings": [dataclasses.asdict(one) for one in judgement.findings.all],
        "to_create": to_create(checked),
        "covered_by": {target.availability_zone: target.mount_target_id for target in judgement.covered_by.values()},
    }
    return json.dumps(document, indent=2)


def to_create(checked: Checked) -> list[dict[str, str]]:
    """The mount targets that adoption would create: the AZ and the subnet of each."""
    subnets = [checked.seen.subnets[checked.wish.subnets[key]] for key in checked.judgement.to_create]
    return [{"availability_zone": one.availability_zone, "subnet_id": one.subnet_id} for one in subnets]


def print_report(checked: Checked, console: Console | None = None) -> None:
    """Print the findings as a table, then what adoption would create."""
    console = console or _console()
    findings = checked.judgement.findings
    if findings.all:
        console.print(_table(checked))
    console.print(Text(f"file system {checked.wish.file_system_id} in {checked.seen.region}: {findings.count}"))
    for zone, target in sorted(as_covered(checked).items()):
        console.print(Text(f"{zone} is covered by {target}"))
    verb = "adoption would create" if not findings.errors else "once there is no error, adoption would create"
    for one in to_create(checked):
        console.print(Text(f"{verb} a mount target in {one['availability_zone']}, subnet {one['subnet_id']}"))
    if not checked.judgement.to_create:
        console.print("adoption would create nothing")


def as_covered(checked: Checked) -> dict[str, str]:
    """The mount target of each covered AZ, in words."""
    return {
        one.availability_zone: f"{one.mount_target_id} ({one.lifecycle_state})"
        for one in checked.judgement.covered_by.values()
    }


def _table(checked: Checked) -> Table:
    table = Table(show_lines=True)
    for name in ("severity", "code", "resource"):
        table.add_column(name, no_wrap=name != "resource", overflow="fold")
    for name in ("seen", "expected", "fix"):
        table.add_column(name, overflow="fold")
    for one in checked.judgement.findings.all:
        # Text, not markup: what AWS says may hold brackets.
        cells = [one.code, one.resource, one.seen, one.expected, one.fix]
        table.add_row(Text(one.severity, _COLOURS[one.severity]), *map(Text, cells))
    return table


def _console() -> Console:
    console = Console()
    return console if console.is_terminal else Console(width=_PIPE_WIDTH)
