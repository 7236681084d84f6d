"""``python -m tests.static_checks.run_checkov``: checkov, in a virtual environment of its own, over all stacks.

After ``uv pip compile`` of ``checkov==<version>`` into checkov-requirements.txt, with ``--universal --python-version 3.11``,
the next run installs it. What is accepted stands in checkov.yaml.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.static_checks.checkers import PROJECT, synthesise
from tests.static_checks.environment import make_environment

HERE = Path(__file__).parent
ENVIRONMENT = PROJECT / ".venv-checkov"
CONTROL = ("CKV_AWS_42", "CKV_AWS_24")
"""Without these the checker is off: an unencrypted file system, and ssh for everybody."""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Checkov over all templates below the folder."""
    command = [
        str(ENVIRONMENT / "bin" / "checkov"),
        "--config-file",
        str(HERE / "checkov.yaml"),
        "--directory",
        str(folder),
    ]
    environment = {**os.environ, "LOG_LEVEL": "ERROR"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def main() -> None:
    make_environment(ENVIRONMENT, HERE / "checkov-requirements.txt")
    with TemporaryDirectory(prefix="geuse-efs-checkov-") as name:
        good, bad = Path(name, "all"), Path(name, "bad")
        synthesised = synthesise(good, "tests.static_checks.all_stacks")
        synthesise(bad, "tests.static_checks.bad_stack")
        if synthesised.exit_code:
            sys.exit(f"geuse-efs: the stacks could not be synthesised: {synthesised.output[-2000:]}")
        control, done = run(bad), run(good)
    if missing := [rule for rule in CONTROL if rule not in control.stdout]:
        sys.exit(
            f"checkov did not find {', '.join(missing)} in the bad stack: it is off or its rules changed\n{control.stderr}"
        )
    if done.returncode:
        sys.exit(
            f"{done.stdout}{done.stderr}\ncheckov: fix it, or accept it with a reason in tests/static_checks/checkov.yaml"
        )
    sys.stdout.write(
        f"checkov: nothing that is not accepted in {len(synthesised.templates)} stacks, and the bad one is refused\n"
    )


if __name__ == "__main__":
    main()
