"""The peers' packages, in a virtual environment of their own: .venv-bench, made when it is first needed."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ENVIRONMENT = PROJECT / ".venv-bench"
PYTHON = ENVIRONMENT / "bin" / "python"


def install() -> None:
    """Makes the virtual environment, unless it is what the requirements say.

    Raises:
        SystemExit: if the packages cannot be installed.
    """
    stamp = ENVIRONMENT / ".ready"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = str(Path(sys.executable).with_name("uv"))
    sys.stderr.write(f"Installing the packages to compare with into {ENVIRONMENT.name}\n")
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)],
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON), "-r", str(REQUIREMENTS)],
    ):
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            sys.exit(
                "geuse-efs: the packages could not be installed (see above); check the network and run the same again"
            )
    stamp.write_text(wanted)


def machine() -> str:
    """What the timings were taken on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """Median, with least and most."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return f"{middle:.{digits}f}{unit} ({ordered[0]:.{digits}f}-{ordered[-1]:.{digits}f})"
