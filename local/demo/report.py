"""Print what a deployment left behind."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.console import Console
from rich.table import Table

from local.demo.observed import SeenFileSystem, SeenStack


def print_report(
    console: Console,
    stacks: Sequence[SeenStack],
    file_systems: Sequence[SeenFileSystem],
    ingress: Sequence[str],
) -> None:
    """Print stacks, file systems, mount targets and security group rules.

    Args:
        console: Where to print.
        stacks: The stacks to show.
        file_systems: The file systems to show, each with a table of its mount targets.
        ingress: One line a rule.
    """
    for stack in stacks:
        waits = "".join(f"; {name} waited {seconds:.1f} s" for name, seconds in stack.waits.items())
        console.print(f"stack [bold]{stack.name}[/] {_coloured(stack.status)}{waits}", highlight=False)
    for item in file_systems:
        console.print(
            f"file system [bold]{item.file_system_id}[/] {_coloured(item.state)}, "
            f"{'encrypted' if item.encrypted else '[red]not encrypted[/]'}, "
            f"throughput {item.throughput_mode}, performance {item.performance_mode}",
            highlight=False,
        )
        console.print(_mount_targets(item))
    for line in ingress:
        console.print(f"security group {line}", highlight=False)


def print_adoption(console: Console, item: SeenFileSystem, ours: Collection[str]) -> None:
    """Print an adopted file system: whose each mount target is, and the ledgers.

    Args:
        console: Where to print.
        item: The file system.
        ours: The ids of the mount targets that adoption created.
    """
    console.print(f"file system [bold]{item.file_system_id}[/] {_coloured(item.state)}", highlight=False)
    table = Table()
    for heading in ("AZ", "state", "mount target", "made by", "security group", "tags of the interface"):
        table.add_column(heading, overflow="fold")
    for target in item.mount_targets:
        table.add_row(
            target.zone,
            _coloured(target.state),
            target.mount_target_id,
            "adoption" if target.mount_target_id in ours else "somebody else",
            ", ".join(target.security_group_ids),
            "\n".join(f"{key}={value}" for key, value in sorted(target.tags.items())) or "none",
        )
    console.print(table)
    for key, value in item.ledgers.items():
        console.print(f"ledger {key} = {value}", markup=False, highlight=False, soft_wrap=True)
    if not item.ledgers:
        console.print("no ledger", highlight=False)


def _mount_targets(item: SeenFileSystem) -> Table:
    table = Table()
    for heading in ("AZ, state", "mount target, address, zonal DNS name", "network interface, its tags"):
        # Ids and names are there to be copied: fold them, never cut them.
        table.add_column(heading, overflow="fold")
    for target in item.mount_targets:
        tags = [f"{key}={value}" for key, value in sorted(target.tags.items())] or ["no tags"]
        table.add_row(
            f"{target.zone}\n{_coloured(target.state)}",
            f"{target.mount_target_id}\n{target.ip_address}\n{target.dns_name}",
            "\n".join([target.interface_id, *tags]),
        )
    return table


def _coloured(state: str) -> str:
    good = state == "available" or state in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return f"[{'green' if good else 'red'}]{state}[/]"
