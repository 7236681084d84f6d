"""The entry point: says so in one line if the libraries of the command are not installed."""

from __future__ import annotations

import sys

from geuse_efs_check.outcome import could_not_check

_LIBRARIES = frozenset({"boto3", "botocore", "click"})


def main() -> None:
    """Run the command on the arguments of the process, and exit."""
    arguments = sys.argv[1:]
    try:
        # Here, because the construct library installs none of what it needs.
        from geuse_efs_check.command import run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        sys.exit(could_not_check(f"{library} is not installed: pip install 'geuse-efs[check]'", arguments))
    sys.exit(run(arguments))
