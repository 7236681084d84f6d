"""The emulator's process: started in a group of its own, ended with everything it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.emulator.server import DETACH

_PROJECT = Path(__file__).resolve().parents[2]
_LINES_SHOWN = 12


class EmulatorProcess:
    """One run of `python -m local.emulator.server`, which ends with this process unless it is detached.

    Args:
        arguments: The server's command line.
        environment: The server's environment.
        log: The file for its output.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.emulator.server", *arguments],
                cwd=_PROJECT,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches this process alone, and one kill ends the Lambda workers too.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id, which is also the process group."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def last_lines(self) -> list[str]:
        """The end of what the process wrote."""
        return self._log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]

    def end(self) -> None:
        """End the process and its Lambda workers at once: there is no state worth saving."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._close_pipe()

    def detach(self) -> None:
        """Let the process go on after this one."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{DETACH}\n".encode())
            self._process.stdin.flush()
        self._close_pipe()
        # Nobody waits for it any more; Popen would warn that it still runs.
        self._process.returncode = 0

    def _close_pipe(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
