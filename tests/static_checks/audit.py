"""``python -m tests.static_checks.audit``: pip-audit over the pinned packages, in a virtual environment of its own.

It asks a service whose data changes daily, so no gate runs it. pip-audit exits with 0 where it reaches an index without
advisories, so a package with published ones is audited first. PIP_AUDIT_VULNERABILITY_SERVICE=osv asks another service.
An advisory is accepted in `ACCEPTED`, with its reason. After ``uv pip compile`` of ``pip-audit==<version>`` into
audit-requirements.txt, with ``--universal --python-version 3.11``, the next run installs it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.static_checks.environment import make_environment

PROJECT = Path(__file__).parents[2]
ENVIRONMENT = PROJECT / ".venv-audit"
CONTROL = "urllib3==1.26.4"
"""Has published advisories since 2021."""
ACCEPTED: tuple[str, ...] = ()
"""Options of pip-audit, such as `--ignore-vuln`, and the id of the advisory, each with a comment that says why."""


def batches(requirements: str) -> list[list[str]]:
    """What is pinned, for any Python and system. pip-audit refuses two versions of a package, hence several."""
    versions: dict[str, list[str]] = {}
    for line in requirements.splitlines():
        requirement = re.split("[;#]", line)[0].strip()
        if requirement and not requirement.startswith("-e "):
            versions.setdefault(_name(requirement), []).append(requirement)
    return [[requirement for requirement in batch if requirement] for batch in zip_longest(*versions.values())]


def _name(requirement: str) -> str:
    return re.split(r"\[|==", requirement)[0]


def problems(stdout: str, stderr: str, requirements: Sequence[str]) -> list[str]:
    """What is vulnerable, and what was not audited at all, by what pip-audit wrote; one line each."""
    try:
        answers: dict[str, Any] = {answer["name"]: answer for answer in json.loads(stdout)["dependencies"]}
    except ValueError:
        # Of a traceback, the last line is what happened.
        return [f"not audited, no report: {(stderr.strip().splitlines() or [''])[-1][:300]}"]
    found = []
    for requirement in requirements:
        answer = answers.get(_name(requirement), {"skip_reason": "the report does not have it"})
        if "skip_reason" in answer:
            found.append(f"{requirement} was not audited: {answer['skip_reason']}")
        for advisory in answer.get("vulns", ()):
            fixed = ", ".join(advisory["fix_versions"]) or "no version"
            found.append(f"{requirement} has {advisory['id']}, fixed in {fixed}: {advisory['description'][:200]}")
    return found


def run(requirements: Sequence[str]) -> list[str]:
    """pip-audit's problems with these, asked now: an answer from a cache does not prove that the service is reachable."""
    with TemporaryDirectory(prefix="geuse-efs-audit-") as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("\n".join(requirements))
        command = [str(ENVIRONMENT / "bin" / "pip-audit"), "--disable-pip", "--no-deps", "--requirement", str(file)]
        command += ["--format", "json", "--output", "stdout", "--desc", "on", "--progress-spinner", "off"]
        command += ["--cache-dir", str(Path(folder, "cache")), *ACCEPTED]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return problems(done.stdout, done.stderr, requirements)


def main() -> None:
    make_environment(ENVIRONMENT, Path(__file__).with_name("audit-requirements.txt"))
    control = run([CONTROL])
    if not any(" has " in problem for problem in control):
        sys.exit(f"nothing was audited: {CONTROL} was not found vulnerable; {'; '.join(control)}")
    pinned = batches((PROJECT / "requirements.txt").read_text())
    if found := [problem for batch in pinned for problem in run(batch)]:
        sys.exit(
            "\n".join(found)
            + "\nraise it in pyproject.toml, or take its line out of requirements.txt, and run make lock"
        )
    sys.stdout.write(f"pip-audit: nothing in {sum(map(len, pinned))} packages, and {CONTROL} is found vulnerable\n")


if __name__ == "__main__":
    main()
