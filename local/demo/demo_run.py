"""What every scenario of `make local` has at hand: the emulator, the CDK CLI, and a console that tells the story."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from local.demo.cdk_cli import CdkCli
from local.emulator.local_aws import LocalAws


class DemoError(RuntimeError):
    """The deployment ended, but not as it should have; the message is one line."""


class DemoRun:
    """One run of `make local`.

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
        self._steps = 0

    @contextlib.contextmanager
    def step(self, title: str, shows: str) -> Iterator[None]:
        """Announce a step and what it shows; on a terminal, count its seconds while it lasts.

        Args:
            title: What is done, such as the command.
            shows: What to look at.
        """
        self._steps += 1
        self.console.print()
        self.console.rule(f"[bold]{self._steps}  {title}", align="left")
        self.console.print(shows, style="dim", highlight=False)
        started = time.monotonic()
        with self._progress(title):
            yield
        self.say(f"took {time.monotonic() - started:.1f} s", style="dim")

    def _progress(self, title: str) -> contextlib.AbstractContextManager[object]:
        if not self.console.is_terminal:
            return contextlib.nullcontext()
        columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
        progress = Progress(*columns, console=self.console, transient=True)
        progress.add_task(title, total=None)
        return progress

    def say(self, line: str, style: str = "") -> None:
        """Print a line, wrapped between words where it is too long; ids and addresses stay whole."""
        self.console.print(Text(line, style=style), highlight=False)

    def require(self, wrong: list[str]) -> None:
        """End the run where something is wrong.

        Raises:
            DemoError: The list has lines.
        """
        if wrong:
            raise DemoError("; ".join(wrong))
