"""How the command ends: the exit codes, and what it writes when it could not check. Standard library only."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from geuse_efs_check.terminal import columns_of, fold, printable

NO_ERRORS, ERRORS_FOUND, COULD_NOT_CHECK = 0, 1, 2
"""Exit codes: contract."""
FORMAT = 1
"""Version of the JSON documents; keys may be added to it, none is changed or taken away within one version."""


def could_not_check(why: str, arguments: Sequence[str]) -> int:
    """Write why to stderr: one line, folded on a terminal. With ``--json`` also a document to stdout.

    Args:
        why: the reason, in one sentence.
        arguments: what follows the command's name.

    Returns:
        The exit code.
    """
    why = printable(" ".join(why.split()))
    line = f"geuse-efs: {why}"
    lines = fold("", line, columns_of(sys.stderr), indent=2) if sys.stderr.isatty() else [line]
    sys.stderr.write("\n".join([*lines, ""]))
    if "--json" in arguments:
        sys.stdout.write(json.dumps({"format": FORMAT, "error": why}, indent=2) + "\n")
    return COULD_NOT_CHECK
