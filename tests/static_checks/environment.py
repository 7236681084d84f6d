"""Virtual environments for checkers whose dependencies must not enter .venv."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path


def make_environment(folder: Path, requirements: Path, *options: str) -> None:
    """Make a virtual environment, unless it is what the requirements and the options for their installation say.

    Raises:
        SystemExit: The packages cannot be installed.
    """
    stamp = folder / ".ready"
    wanted = hashlib.sha256(requirements.read_bytes() + repr(options).encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    uv = str(Path(sys.executable).with_name("uv"))
    sys.stderr.write(f"Installing {requirements.name} into {folder.name}\n")
    for command in (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
        [
            uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(folder / "bin" / "python"),
            "-r",
            str(requirements),
            *options,
        ],
    ):
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            sys.exit(
                f"geuse-efs: {requirements.name} could not be installed (see above); check the network and run it again"
            )
    stamp.write_text(wanted)
