"""Where the console command begins: says so in one line if its libraries are not installed."""

from __future__ import annotations

import sys

_LIBRARIES = frozenset({"boto3", "botocore", "click", "rich"})
_COULD_NOT_LOOK = 2


def main() -> None:
    """Run the command on the arguments of the process, and exit."""
    try:
        # Here, because the construct library installs none of what it needs.
        from geuse_efs_check.command import run  # noqa: PLC0415
    except ModuleNotFoundError as missing:
        library = (missing.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        sys.stderr.write(f"geuse-efs: {library} is not installed: pip install 'geuse-efs[check]'\n")
        sys.exit(_COULD_NOT_LOOK)
    sys.exit(run(sys.argv[1:]))
