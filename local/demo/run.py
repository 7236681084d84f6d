"""The rehearsal behind `make local`: the real app, the real CDK CLI and the real Lambda code, on the emulator."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from local.demo import observed
from local.demo.cdk_cli import CdkCli
from local.demo.report import print_report
from local.demo.watch import StateWatch
from local.emulator.local_aws import LocalAws


class RehearsalError(RuntimeError):
    """The deployment ended, but not as it should have; the message is one line."""


class Rehearsal:
    """What every scenario has at hand: a running emulator, the CDK CLI, and a console that tells the time.

    Args:
        aws: The running emulator.
        project: The folder of the app.
        console: Where to print.

    Raises:
        CdkCliError: Node, the CLI or the app is missing.
    """

    def __init__(self, aws: LocalAws, project: Path, console: Console) -> None:
        self.aws = aws
        self.console = console
        self.cli = CdkCli(project, aws)

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Announce a phase and tell the seconds it took."""
        self.console.rule(f"[bold]{name}", align="left")
        started = time.monotonic()
        yield
        self.console.print(f"[dim]{name}: {time.monotonic() - started:.1f} s[/]", highlight=False)

    def say(self, line: str) -> None:
        """Print one line as it is."""
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def observe(self, line: str) -> None:
        """Print one line about the state of a mount target, told apart from the CLI's own."""
        self.console.print(f"[cyan]  >> {line}[/]", highlight=False, soft_wrap=True)


def deploy_the_app(rehearsal: Rehearsal) -> None:
    """Scenario: bootstrap, deploy every stack of the app, and show what is there.

    Raises:
        CdkCliError: A command of the CLI failed.
        RehearsalError: A stack is not complete or a mount target is not available.
    """
    with rehearsal.phase("cdk bootstrap"):
        rehearsal.cli.bootstrap()
    with rehearsal.phase("cdk deploy --all"), StateWatch(rehearsal.aws, rehearsal.observe):
        rehearsal.cli.deploy_all(rehearsal.say)
    with rehearsal.phase("what is there"):
        stacks, file_systems = observed.stacks(rehearsal.aws), observed.file_systems(rehearsal.aws)
        groups = {g for item in file_systems for t in item.mount_targets for g in t.security_group_ids}
        print_report(rehearsal.console, stacks, file_systems, observed.ingress(rehearsal.aws, groups))
    _judge(stacks, file_systems)


def _judge(stacks: list[observed.SeenStack], file_systems: list[observed.SeenFileSystem]) -> None:
    wrong = [f"stack {stack.name} is {stack.status}" for stack in stacks if stack.status != "CREATE_COMPLETE"]
    targets = [target for item in file_systems for target in item.mount_targets]
    wrong += [f"{t.mount_target_id} in {t.zone} is {t.state}" for t in targets if t.state != "available"]
    if not stacks:
        wrong.append("the app has no stack")
    if not targets:
        wrong.append("there is no mount target")
    if wrong:
        raise RehearsalError("; ".join(wrong))
