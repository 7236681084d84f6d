"""``python -m tests.static_checks.slow``: checkov, in a virtual environment of its own, over all stacks.

Its dependencies are many and disagree with ours, so it never enters .venv. After ``uv pip compile`` of
``checkov==<version>`` into checkov-requirements.txt, with ``--universal --python-version 3.11``, the next run installs it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.environment import make_environment
from tests.static_checks.accepted import ACCEPTED, CHECKOV
from tests.static_checks.bad_stack import NAME
from tests.static_checks.findings import Finding, complaints
from tests.static_checks.synthesis import PROJECT, Synthesis, Template, synthesise

REQUIREMENTS = Path(__file__).with_name("checkov-requirements.txt")
ENVIRONMENT = PROJECT / ".venv-checkov"
CONTROL = {Finding("CKV_AWS_42", "bad/FileSystem", ""), Finding("CKV_AWS_24", "bad/Group", "")}
"""Without these the checker is off: an unencrypted file system, and ssh for everybody."""


def run(folder: Path) -> dict[str, Any]:
    """Checkov's report on all templates below the folder; nothing is fetched."""
    done = subprocess.run(  # noqa: S603
        [
            str(ENVIRONMENT / "bin" / "checkov"),
            *("--directory", str(folder), "--framework", "cloudformation"),
            *("--skip-download", "--compact", "--quiet", "--output", "json"),
        ],
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return dict(json.loads(done.stdout))
    except ValueError:
        sys.exit(f"geuse-efs: checkov gave no report: {(done.stderr or done.stdout)[-2000:]}")


def findings(report: Mapping[str, Any], templates: Sequence[Template]) -> list[Finding]:
    """What failed, and what could not be read."""
    by_name = {template.path.name: template for template in templates}
    results = report.get("results", {})
    return [
        by_name[Path(one["file_path"]).name].finding(
            one["check_id"], one["resource"].rpartition(".")[2], one["check_name"]
        )
        for one in results.get("failed_checks", [])
    ] + [Finding("unreadable", str(path), "not parsed") for path in results.get("parsing_errors", [])]


def verdict(found: Sequence[Finding]) -> list[str]:
    """Complaints about all stacks, and about checkov itself if the bad stack passes."""
    bad = {one._replace(text="") for one in found if one.resource.startswith(f"{NAME}/")}
    missing = sorted(CONTROL - bad)
    off = [f"{CHECKOV} {one.rule} did not find {one.resource}; checkov is off or its rules changed" for one in missing]
    others = [one for one in found if not one.resource.startswith(f"{NAME}/")]
    return off + complaints(CHECKOV, others, ACCEPTED)


def _synthesise(folder: Path) -> list[Synthesis]:
    good = synthesise(folder / "all", "tests.static_checks.all_stacks")
    if good.exit_code:
        sys.exit(f"geuse-efs: the stacks could not be synthesised: {good.errors[-2000:]}")
    # Its exit code is not 0: the CDK dislikes it as well.
    return [good, synthesise(folder / NAME, "tests.static_checks.bad_stack")]


def main() -> None:
    make_environment(ENVIRONMENT, REQUIREMENTS, "checkov")
    with TemporaryDirectory(prefix="geuse-efs-checkov-") as name:
        folder = Path(name)
        templates = [template for one in _synthesise(folder) for template in one.templates]
        problems = verdict(findings(run(folder), templates))
    if problems:
        sys.exit("\n".join(problems))
    sys.stdout.write(
        f"checkov: nothing that is not accepted in {len(templates) - 1} stacks, and the bad one is refused\n"
    )


if __name__ == "__main__":
    main()
