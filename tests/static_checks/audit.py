"""``python -m tests.static_checks.audit``: pip-audit over the pinned packages, in a virtual environment of its own.

It needs a service with advisories, whose data changes daily: that is why no gate runs it. pip-audit finds nothing, and says
so with exit code 0, where it reaches an index without advisories; so a package with published ones is audited first. After
``uv pip compile`` of ``pip-audit==<version>`` into audit-requirements.txt, with ``--universal --python-version 3.11``, the
next run installs it. PIP_AUDIT_VULNERABILITY_SERVICE=osv asks another service.
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

from benchmarks.environment import make_environment
from tests.static_checks.accepted import ACCEPTED, PIP_AUDIT
from tests.static_checks.findings import Finding, complaints
from tests.static_checks.synthesis import PROJECT

REQUIREMENTS = Path(__file__).with_name("audit-requirements.txt")
ENVIRONMENT = PROJECT / ".venv-audit"
CONTROL = "urllib3==1.26.4"
"""Has published advisories since 2021."""
NOT_AUDITED = "not audited"
NOTHING = (
    f"{PIP_AUDIT}: nothing was audited: no advisory service is reachable "
    f"(the control {CONTROL} was not found vulnerable)"
)
REMEDY = "raise it in pyproject.toml, or take its line out of requirements.txt, and run make lock"


def batches(requirements: str) -> list[list[str]]:
    """What is pinned, for whatever Python and system. pip-audit refuses two versions of a package, hence several."""
    versions: dict[str, list[str]] = {}
    for line in requirements.splitlines():
        one = re.split("[;#]", line)[0].strip()
        if one and not one.startswith("-e "):
            versions.setdefault(_name(one), []).append(one)
    return [[one for one in batch if one] for batch in zip_longest(*versions.values())]


def _name(requirement: str) -> str:
    return re.split(r"\[|==", requirement)[0]


def findings(stdout: str, stderr: str, requirements: Sequence[str]) -> list[Finding]:
    """What is vulnerable, and what was not audited at all, by what pip-audit wrote."""
    try:
        answers: dict[str, Any] = {one["name"]: one for one in json.loads(stdout)["dependencies"]}
    except ValueError:
        # Of a traceback, the last line is what happened.
        [*_, reason] = ["", *stderr.strip().splitlines()]
        return [Finding(NOT_AUDITED, one, f"no report: {reason[:300]}") for one in requirements]
    missing = {"skip_reason": "the report does not have it"}
    return [finding for one in requirements for finding in _findings_of(one, answers.get(_name(one), missing))]


def _findings_of(requirement: str, answer: dict[str, Any]) -> list[Finding]:
    if "skip_reason" in answer:
        return [Finding(NOT_AUDITED, requirement, answer["skip_reason"])]
    return [Finding(one["id"], requirement, _text(one)) for one in answer["vulns"]]


def _text(advisory: dict[str, Any]) -> str:
    aliases = ", ".join(advisory["aliases"])
    fixed = ", ".join(advisory["fix_versions"]) or "no version"
    return f"{advisory['description'][:200]} ({aliases}{'; ' if aliases else ''}fixed in {fixed})"


def verdict(control: Sequence[Finding], found: Sequence[Finding]) -> list[str]:
    """That nothing was audited if the control passes; else what was left out, and what nobody accepted."""
    if not _answered(control):
        return [NOTHING, *(f"{PIP_AUDIT} said of {one.resource}: {one.text}" for one in control)]
    left_out = [f"{PIP_AUDIT}: {one.resource} was not audited: {one.text}" for one in found if one.rule == NOT_AUDITED]
    vulnerable = [one for one in found if one.rule != NOT_AUDITED]
    return left_out + complaints(PIP_AUDIT, vulnerable, ACCEPTED, REMEDY)


def _answered(control: Sequence[Finding]) -> bool:
    return any(one.rule != NOT_AUDITED for one in control)


def run(requirements: Sequence[str]) -> list[Finding]:
    """pip-audit's findings in these, asked now: an answer from a cache does not prove that the service is reachable."""
    with TemporaryDirectory(prefix="geuse-efs-audit-") as folder:
        file = Path(folder, "requirements.txt")
        file.write_text("\n".join(requirements))
        done = subprocess.run(  # noqa: S603
            [
                str(ENVIRONMENT / "bin" / "pip-audit"),
                *("--disable-pip", "--no-deps", "--requirement", str(file)),
                *("--format", "json", "--output", "stdout", "--desc", "on"),
                *("--progress-spinner", "off", "--cache-dir", str(Path(folder, "cache"))),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    return findings(done.stdout, done.stderr, requirements)


def main() -> None:
    make_environment(ENVIRONMENT, REQUIREMENTS, PIP_AUDIT)
    pinned = batches((PROJECT / "requirements.txt").read_text())
    control = run([CONTROL])
    found = [finding for batch in pinned for finding in run(batch)] if _answered(control) else []
    if problems := verdict(control, found):
        sys.exit("\n".join(problems))
    count = sum(map(len, pinned))
    sys.stdout.write(
        f"{PIP_AUDIT}: nothing that is not accepted in {count} packages, and {CONTROL} is found vulnerable\n"
    )


if __name__ == "__main__":
    main()
