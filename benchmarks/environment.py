"""What benchmarks have in common: virtual environments of their own, surroundings of child processes, and figures."""

from __future__ import annotations

import hashlib
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
ENVIRONMENT = PROJECT / ".venv-bench"
PYTHON = ENVIRONMENT / "bin" / "python"


def make_environment(folder: Path, requirements: Path, what: str) -> None:
    """Makes a virtual environment, unless it is what the requirements say. For what must not enter .venv.

    Args:
        folder: where it is to be.
        requirements: the pinned packages.
        what: what the packages are, for messages.

    Raises:
        SystemExit: if the packages cannot be installed.
    """
    stamp = folder / ".ready"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = str(Path(sys.executable).with_name("uv"))
    sys.stderr.write(f"Installing {what} into {folder.name}\n")
    python = str(folder / "bin" / "python")
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        # With bytecode, so that the first run is no slower than the others.
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, "-r", str(requirements)],
    ):
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            sys.exit(f"geuse-efs: {what} could not be installed (see above); check the network and run the same again")
    stamp.write_text(wanted)


def install() -> None:
    """Makes the environment of the packages to compare with.

    Raises:
        SystemExit: if the packages cannot be installed.
    """
    make_environment(ENVIRONMENT, REQUIREMENTS, "the packages to compare with")


def repetitions(usual: int) -> int:
    """How often to measure: the benchmark's own number, or REPETITIONS of the environment, for a quick look."""
    return int(os.environ.get("REPETITIONS", usual))


def lambda_variables(code: Path, *, bytecode: bool) -> dict[str, str]:
    """The environment of a process that runs a function's code: nothing of the caller's Python, AWS or proxy settings.

    Args:
        code: the folder of the code.
        bytecode: whether Python may write (and later read) bytecode there; Lambda's code folder never has any.
    """
    unwanted = ("PYTHON", "AWS")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    return {
        **kept,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(code),
        **({} if bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}),
    }


def machine() -> str:
    """What the timings were taken on."""
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """Median, with least and most."""
    return f"{statistics.median(values):.{digits}f}{unit} ({min(values):.{digits}f}-{max(values):.{digits}f})"
