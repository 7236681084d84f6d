"""`python -m local` (or `make local`): rehearse a deployment of the app without an AWS account.

Environment:
    PORT: The loopback port of the emulator; by default a free one.
    KEEP: Set to 1 to leave the emulator running afterwards.

It deploys the app, then adopts a file system that was made outside CloudFormation, and gives it back.

Exits with 0 where every stack is complete, every mount target available and nothing of anyone else's touched, 1 where
something is wrong (one line says what), 130 after Ctrl-C. Nothing is left running, except with KEEP=1 after a success.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from local.demo.adoption import adopt_a_file_system
from local.demo.cdk_cli import CdkCliError
from local.demo.run import Rehearsal, RehearsalError, deploy_the_app
from local.emulator.local_aws import LocalAws, LocalAwsError

_PROJECT = Path(__file__).resolve().parent.parent
# Long enough to be seen waiting, short enough to be waited for.
_MOUNT_TARGET_SECONDS = 7.0
_LAST_PORT = 65535


def main() -> int:
    """Run the rehearsal.

    Returns:
        The exit code.
    """
    # Wide enough for a DNS name beside tags where the output is a file or a pipe.
    console = Console() if sys.stdout.isatty() else Console(width=120)
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    try:
        # With the policies evaluated: a right that the Lambda lacks must show here, not in the account.
        aws = LocalAws(port=_port(), auth=True, mount_target_seconds=_MOUNT_TARGET_SECONDS)
        with aws:
            console.print(f"local AWS ready at {aws.endpoint_url} after {time.monotonic() - started:.1f} s")
            rehearsal = Rehearsal(aws, _PROJECT, console)
            deploy_the_app(rehearsal)
            adopt_a_file_system(rehearsal)
            if os.environ.get("KEEP") == "1":
                _tell_how_to_go_on(console, aws)
    except (LocalAwsError, CdkCliError, RehearsalError) as error:
        console.print(f"failed: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("interrupted; nothing is left running", style="red")
        return 130
    if os.environ.get("KEEP") != "1":
        console.print("cleaned up: the local AWS is stopped and its temporary folder removed")
    console.print(f"done in {time.monotonic() - started:.1f} s", style="green")
    return 0


def _port() -> int | None:
    text = os.environ.get("PORT", "")
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) <= _LAST_PORT:
        raise LocalAwsError(f"PORT={text} is not a port: give a number from 1 to 65535")
    return int(text)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    # As Ctrl-C does, so that every clean-up runs.
    raise KeyboardInterrupt


def _tell_how_to_go_on(console: Console, aws: LocalAws) -> None:
    variables, endpoint = aws.variables(), aws.endpoint_url
    pid = aws.leave_running()
    console.rule("[bold]left running", align="left")
    for name, value in variables.items():
        console.print(f"export {name}={value}", markup=False, highlight=False, soft_wrap=True)
    for line in (
        f"talk to it: aws --endpoint-url {endpoint} efs describe-file-systems",
        f"stop it:    kill {pid}  (its temporary folder goes with it)",
    ):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
