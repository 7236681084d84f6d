"""A machine with a real kernel and the real systemd: user-mode Linux, a kernel that runs as a process.

Its root is this host's own file system, read-only, below a disk of its own that lasts over boots, so no image is built.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine.network import CONTAINED, TAP

GUEST = Path(__file__).parent / "guest"
BOOT_SECONDS = 200
"""A boot takes 4 seconds, and with what the scenarios wait for at most 40; on a host with seven times the load, 100."""
# What the kernel measures for RAID, and the speed of the processor, cost a second at every boot.
_NO_BENCHMARKS = ["initcall_blacklist=raid6_select_algo,calibrate_xor_blocks", "lpj=10000000"]
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


_MACHINES_ON = dict.fromkeys(sorted(os.sched_getaffinity(0)), 0)
_CHOOSING = threading.Lock()


@contextlib.contextmanager
def _processor() -> Iterator[int]:
    """The one with the fewest machines. The processes of a machine take turns, which costs a quarter less on one processor."""
    with _CHOOSING:
        chosen = min(_MACHINES_ON, key=_MACHINES_ON.__getitem__)
        _MACHINES_ON[chosen] += 1
    try:
        yield chosen
    finally:
        with _CHOOSING:
            _MACHINES_ON[chosen] -= 1


@dataclass(frozen=True)
class Event:
    """Something that happens so many seconds after the machine has first said a text."""

    text: str
    seconds: float
    action: Callable[[], None]


@dataclass
class Boot:
    """What one boot said: the console, and in it lines "@ key value" of the machine's own report."""

    console: list[str] = field(default_factory=list)
    finished: bool = False
    """False where the machine did not turn itself off in time."""

    def all(self, key: str) -> list[str]:
        prefix = f"@ {key} "
        return [line.removeprefix(prefix) for line in self.console if line.startswith(prefix)]

    def one(self, key: str) -> str:
        """The only value of a key; the console as the message where there is none, or more than one."""
        values = self.all(key)
        assert len(values) == 1, f"{len(values)} values of {key}, expected 1:\n{self}"
        return values[0]

    def run(self, number: int) -> Boot:
        """What was said while the user data ran for the first (0), second (1) … time."""
        starts = [at for at, line in enumerate(self.console) if line.startswith("@ user-data-starts ")]
        assert number < len(starts), f"user data ran {len(starts)} times, expected {number + 1}:\n{self}"
        rest = self.console[starts[number] :]
        end = next((at for at, line in enumerate(rest) if line.startswith("@ seconds ")), len(rest))
        return Boot(rest[: end + 1], self.finished)

    @property
    def log(self) -> list[str]:
        """What the user data said."""
        return [line for line in self.console if line.startswith("mount-efs ")]

    @property
    def failures(self) -> list[str]:
        return [line for line in self.log if " FAILED: " in line]

    def __str__(self) -> str:
        return "\n".join(self.console)


class Machine:
    """A disk and what is on it; `seed` maps the names of files to their text, which a new machine finds in /lab.

    Args:
        folder: For the disk; a short path, because the kernel makes a socket below it.
        packages: Of `packages.sh`.
        seed: `user-data`, `fstab` and what else the scenario's guest scripts read.
    """

    def __init__(self, folder: Path, packages: Path, seed: Mapping[str, str]) -> None:
        self._folder, self._packages = folder, packages
        (folder / "seed").mkdir(parents=True)
        for name, text in seed.items():
            (folder / "seed" / name).write_text(text)
        with (folder / "disk").open("wb") as disk:
            disk.truncate(256 << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", folder / "disk"], check=True)

    def boot(self, events: Sequence[Event] = ()) -> Boot:
        """Runs the machine until it turns itself off."""
        boot = Boot()
        with (
            _processor() as processor,
            subprocess.Popen(
                ["taskset", "--cpu-list", str(processor), *self._command()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            self._watch(process, boot, list(events))
        return boot

    @staticmethod
    def _watch(process: subprocess.Popen[str], boot: Boot, events: list[Event]) -> None:
        began = time.monotonic()
        timers = [threading.Timer(BOOT_SECONDS, process.kill)]
        timers[0].start()
        assert process.stdout
        try:
            for raw in process.stdout:
                boot.console.append(_ESCAPES.sub("", raw).rstrip())
                for event in [event for event in events if event.text in raw]:
                    events.remove(event)
                    timers.append(threading.Timer(event.seconds, event.action))
                    timers[-1].start()
            process.wait()
            boot.finished = time.monotonic() - began < BOOT_SECONDS
        finally:
            for timer in timers:
                timer.cancel()
            process.kill()

    def _command(self) -> list[str]:
        kernel = ["mem=256M", "rootfstype=hostfs", "rootflags=/", "ro", "quiet", f"init={GUEST}/init", *_NO_BENCHMARKS]
        devices = [
            "con=null",
            "con0=null,fd:1",
            f"ubd0={self._folder}/disk",
            f"vec0:transport=raw,ifname={TAP},depth=64",
        ]
        for_init = [f"GUEST={GUEST}", f"SEED={self._folder}/seed", f"PACKAGES={self._packages}"]
        program = [*CONTAINED, f"{self._packages}/usr/bin/linux.uml", f"uml_dir={self._folder}/uml"]
        return [*program, *kernel, *devices, *for_init]
