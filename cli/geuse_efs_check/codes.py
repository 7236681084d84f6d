"""The list of all findings: for people, for programs, and as the page of the documentation."""

from __future__ import annotations

import json
import re
import sys
from typing import TextIO

from geuse_efs_check.outcome import FORMAT
from geuse_efs_check.terminal import columns_of, fold, styled
from geuse_efs_waiter.adoption.finding_codes import CODES

_PAGE = """# Findings of an adoption

Every finding of `GeuseEfs.adopt` and of `geuse-efs check` has a code. An error fails the deployment before anything is
changed; a warning is reported. Set another severity with `severities={"backup-off": "off"}` or
`--severity backup-off=off`: `error`, `warning` or `off`. The codes are contract, the texts are not.

<!-- Written by `make findings` from finding_codes.py. -->

| code | default | meaning | fix |
|---|---|---|---|
"""


def as_text(stream: TextIO | None = None) -> str:
    """One entry for each code: default severity, code, meaning."""
    stream = stream or sys.stdout
    widest = max(map(len, CODES))
    lines = []
    for name, code in CODES.items():
        head = f"{code.severity:7}  {name:{widest}}  "
        first, *rest = fold(head, code.meaning, columns_of(stream), indent=len(head))
        lines += [styled(code.severity, code.severity, stream) + first.removeprefix(code.severity), *rest]
    return "\n".join(lines)


def as_json() -> str:
    """The JSON document."""
    findings = [
        {"code": name, "severity": code.severity, "meaning": code.meaning, "fix": _fix(code.fix)}
        for name, code in CODES.items()
    ]
    return json.dumps({"format": FORMAT, "findings": findings}, indent=2)


def as_markdown() -> str:
    """The page of the documentation."""
    rows = [f"| `{name}` | {code.severity} | {code.meaning} | {_fix(code.fix)} |" for name, code in CODES.items()]
    return _PAGE + "\n".join(rows)


def _fix(text: str) -> str:
    return re.sub(r"{(\w+)}", r"(the \1)", text)
